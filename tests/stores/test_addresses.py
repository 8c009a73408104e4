"""Addresses that a registry names in place of its own: each ends in a clear error, and nobody goes there."""

from collections.abc import AsyncIterator

import pytest

from regtool import Repository, Stores
from regtool.documents.descriptor import Descriptor
from regtool.errors import ContentError, UnreachableError
from regtool.model.digest import Digest
from tests.stores.samples import content_of
from tests.transport.fixtures import bare
from tests.transport.scripted import Scripted, Seen, answer

SENSELESS = [
    "http://[x",
    "//[x",
    "http://a b/",
    "http://u:p@x/",
    "http://:99999/",
    "http://h:abc/x",
    "ftp://x/",
]
INSIDE = ["http://169.254.169.254/x", "//169.254.169.254/"]
BLOB = Descriptor.of("application/octet-stream", Digest.of(b"x"), 1)


@pytest.fixture
async def stores() -> AsyncIterator[Stores]:
    async with Stores(bare()) as opened:
        yield opened


@pytest.mark.parametrize("address", [*SENSELESS, *INSIDE])
async def test_an_upload_does_not_go_there(stores: Stores, address: str) -> None:
    async with Scripted(lambda seen: answer(202, headers={"Location": address})) as server:
        with pytest.raises(UnreachableError, match="as its upload location, but"):
            await stores.at(Repository(server.host, "app")).put_blob(BLOB, content_of(b"x"))

        assert server.targets == ["POST /v2/app/blobs/uploads/"]


@pytest.mark.parametrize("address", [*SENSELESS, *INSIDE])
async def test_no_next_page_is_there(stores: Stores, address: str) -> None:
    link = {"Link": f'<{address}>; rel="next"'}
    async with Scripted(lambda seen: answer(200, {"tags": ["a"]}, link)) as server:
        with pytest.raises(ContentError, match="the registry's next page is somewhere else"):
            assert [tag async for tag in stores.at(Repository(server.host, "app")).tags()]

        assert len(server.seen) == 1


async def test_a_next_page_stays_with_the_registry_whatever_its_path_looks_like(stores: Stores) -> None:
    def script(seen: Seen) -> bytes:
        more = f'<http://{seen.headers["host"]}//other.example.com/v2/app/tags/list?last=a>; rel="next"'
        return answer(200, {"tags": ["a"]}, {"Link": more} if "last" not in seen.target else {})

    async with Scripted(script) as server:
        assert [tag async for tag in stores.at(Repository(server.host, "app")).tags()]
        assert server.targets[-1] == "GET /other.example.com/v2/app/tags/list?last=a"
