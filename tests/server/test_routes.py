"""Which requests the registry answers at all."""

import httpx
import pytest

from tests.server.pushing import codes


@pytest.mark.parametrize("path", ["/v2/", "/v2"])
async def test_the_registry_says_that_it_is_one(client: httpx.AsyncClient, path: str) -> None:
    got = await client.get(path)

    assert (got.status_code, got.json()) == (200, {})
    assert got.headers["docker-distribution-api-version"] == "registry/2.0"
    assert got.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/v1/", "/v2x", "/v2/app", "/v2/app/tags", "/v2/tags/list", "/v3/app/tags/list"])
async def test_other_paths_are_not_found(client: httpx.AsyncClient, path: str) -> None:
    got = await client.get(path)

    assert (got.status_code, codes(got)) == (404, ["UNSUPPORTED"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v2/", "GET, HEAD"),
        ("PUT", "/v2/app/tags/list", "GET, HEAD"),
        ("DELETE", "/v2/_catalog", "GET, HEAD"),
        ("POST", "/v2/app/manifests/1.0", "GET, HEAD, PUT, DELETE"),
        ("PUT", "/v2/app/blobs/sha256:x", "GET, HEAD, DELETE"),
        ("GET", "/v2/app/blobs/uploads/", "POST"),
        ("POST", "/v2/app/blobs/uploads/x", "PATCH, PUT, GET, DELETE"),
        ("POST", "/v2/app/referrers/sha256:x", "GET, HEAD"),
        ("OPTIONS", "/v2/", "GET, HEAD"),
    ],
)
async def test_other_methods_are_refused_with_those_that_work(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    got = await client.request(method, path)

    assert (got.status_code, got.headers["allow"], codes(got)) == (405, allowed, ["UNSUPPORTED"])
