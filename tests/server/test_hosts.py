"""Web pages have no access, by whatever name they come."""

from pathlib import Path

import httpx
import pytest

from regtool.server.app import create_app
from tests.server.conftest import Listener
from tests.server.pushing import codes


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:5000", "localhost", "LOCALHOST:80", "[::1]:5000", "192.0.2.7"]
)
async def test_addresses_and_localhost_are_answered(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/v2/", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test:5000", "x", ""])
async def test_other_names_are_not(client: httpx.AsyncClient, host: str) -> None:
    got = await client.get("/v2/", headers={"Host": host})

    assert (got.status_code, codes(got)) == (421, ["DENIED"])


async def test_a_name_that_was_given_is(client: httpx.AsyncClient, listener: Listener, root: Path) -> None:
    listener.switchboard.current = create_app(root, hosts={"registry.test"})

    assert (await client.get("/v2/", headers={"Host": "registry.test:5000"})).status_code == 200
    assert (await client.get("/v2/", headers={"Host": "other.test:5000"})).status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.test", "http://127.0.0.1:5000", "null"])
async def test_a_page_s_requests_are_refused(client: httpx.AsyncClient, origin: str) -> None:
    got = await client.post("/v2/app/blobs/uploads/", headers={"Origin": origin})

    assert (got.status_code, codes(got)) == (403, ["DENIED"])
