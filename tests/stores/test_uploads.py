"""Uploads that do not come to their end are taken back, as far as the registry can: nobody needs half a blob."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from regtool import Repository, Stores
from regtool.documents.descriptor import Descriptor
from regtool.errors import DeniedError, RegtoolError, UnreachableError
from regtool.model.digest import Digest
from regtool.stores.protocols import Store
from regtool.transport.client import Client
from tests.registries import Request, RunningRegistry
from tests.transport.fixtures import ask, bare
from tests.transport.scripted import Pause, Reply, Scripted, Seen, answer, refusal

CONTENT = bytes(range(256)) * 2048  # half a megabyte
BLOB = Descriptor.of("application/octet-stream", Digest.of(CONTENT), len(CONTENT))


@pytest.fixture
async def stores() -> AsyncIterator[Stores]:
    async with Stores(bare()) as opened:
        yield opened


def store_at(host: str, repository: str, stores: Stores) -> Store:
    place = Repository(host, repository)
    stores.expect(writes=[place])
    return stores.at(place)


class Stalling:
    """Content that stops after so many bytes, and never goes on."""

    def __init__(self, after: int) -> None:
        self._after = after
        self.has_stopped = asyncio.Event()

    async def __call__(self) -> AsyncIterator[bytes]:
        if self._after:
            yield CONTENT[: self._after]
        self.has_stopped.set()
        await asyncio.Event().wait()
        yield b""


async def whole() -> AsyncIterator[bytes]:
    yield CONTENT


async def another() -> AsyncIterator[bytes]:
    yield CONTENT[::-1]


async def failing() -> AsyncIterator[bytes]:
    yield CONTENT[:1000]
    raise UnreachableError("the source", "is gone")


async def interrupted(registry: RunningRegistry, repository: str, stores: Stores, *, after: int) -> Request:
    """Interrupts an upload after so many bytes, and returns the request that takes it back."""
    mark, content = registry.mark(), Stalling(after)
    upload = asyncio.ensure_future(store_at(registry.host, repository, stores).put_blob(BLOB, content))
    await content.has_stopped.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    return await taken_back(registry, mark)


async def taken_back(registry: RunningRegistry, mark: int) -> Request:
    """The request that takes the only upload back. The registry answers to nobody about it any more."""
    (request,) = [request for request in registry.requests_since(mark) if request.method == "DELETE"]
    async with Client(bare()) as client:
        assert (await client.send(ask("GET", registry.host, request.path))).status == 404
    return request


def kept(registry: RunningRegistry, repository: str) -> list[Path]:
    """What there is in the registry's files of uploads to this repository."""
    data = registry.log.parent / "data"
    return [*data.rglob(f"{repository}/_uploads/*/data"), *data.rglob("uploads/*")]


async def test_an_upload_that_has_not_begun_is_taken_back(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    request = await interrupted(registry, repository, stores, after=0)

    assert request.status == 204
    assert not kept(registry, repository)


async def test_an_upload_that_is_interrupted_is_taken_back(
    embedded_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    request = await interrupted(embedded_registry, repository, stores, after=len(CONTENT) // 2)

    assert request.status == 204
    assert not kept(embedded_registry, repository)


async def test_distribution_is_asked_to_forget_half_an_upload(
    debian_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    request = await interrupted(debian_registry, repository, stores, after=len(CONTENT) // 2)

    # Its address of an upload holds how far that was when the address was made. If more has arrived, it finds nothing
    # there, and leaves what has come to its own clean-up; if it is still writing that down, it stumbles (500).
    assert request.status in (204, 404, 500)


@pytest.mark.parametrize("content", [another, failing])
async def test_an_upload_that_fails_is_taken_back(
    embedded_registry: RunningRegistry, repository: str, stores: Stores, content: Callable[[], AsyncIterator[bytes]]
) -> None:
    mark = embedded_registry.mark()
    with pytest.raises(RegtoolError):
        await store_at(embedded_registry.host, repository, stores).put_blob(BLOB, content)

    await taken_back(embedded_registry, mark)
    assert not kept(embedded_registry, repository)


async def test_a_refused_upload_fails_with_the_words_of_the_refusal(stores: Stores) -> None:
    def script(seen: Seen) -> Reply:
        if seen.method == "POST":
            return answer(202, headers={"Location": f"{seen.path}1"})
        return refusal(403, "DENIED", "no") if seen.method == "PUT" else answer(404)

    async with Scripted(script) as server:
        with pytest.raises(DeniedError, match="403 .forbidden., DENIED: no"):
            await store_at(server.host, "app", stores).put_blob(BLOB, whole)
        assert server.targets[-1] == "DELETE /v2/app/blobs/uploads/1"


async def cancelled_when(has_come: asyncio.Event, host: str, stores: Stores) -> None:
    """An upload that is interrupted when a request has come; it may not take long to end then."""
    upload = asyncio.ensure_future(store_at(host, "app", stores).put_blob(BLOB, whole))
    await has_come.wait()
    begun = time.monotonic()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert time.monotonic() - begun < 1.5


async def test_a_registry_that_does_not_answer_is_not_waited_for(stores: Stores) -> None:
    has_come = asyncio.Event()

    def script(seen: Seen) -> Reply:
        if seen.method == "POST":
            return answer(202, headers={"Location": f"{seen.path}1"})
        has_come.set()
        return [Pause(60)]

    async with Scripted(script) as server:
        await cancelled_when(has_come, server.host, stores)
        assert server.targets[-1].startswith("DELETE")


@pytest.mark.parametrize("wait", [0.2, 60])
async def test_an_upload_that_is_just_being_opened_is_taken_back_if_that_comes_to_an_end(
    stores: Stores, wait: float
) -> None:
    has_come = asyncio.Event()

    def script(seen: Seen) -> Reply:
        has_come.set()
        opened = answer(202, headers={"Location": f"{seen.path}1"})
        return [Pause(wait), opened] if seen.method == "POST" else answer(204)

    async with Scripted(script) as server:
        await cancelled_when(has_come, server.host, stores)
        assert server.targets[1:] == (["DELETE /v2/app/blobs/uploads/1"] if wait < 1 else [])
