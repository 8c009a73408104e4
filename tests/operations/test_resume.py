"""Copies that were cut off: the next one fetches what is not there yet, and nothing else."""

import asyncio
import hashlib
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from regtool import CopyRequest, NotFoundError, Settings, Stores, copy
from scripts.push_layout import Registry
from tests.faults.proxy import FaultyProxy, instead
from tests.images import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, push_document
from tests.judges import answer_of
from tests.registries import FIXTURES, RunningRegistry
from tests.transport.scripted import Pause, refusal

MEBIBYTE = 1024 * 1024
LAYERS = 6
ARRIVED = 4  # blobs that come before the copy is cut off
ONE_AT_A_TIME = Settings(concurrency=1)

Target = Callable[[str], str]


@pytest.fixture
async def proxy(embedded_registry: RunningRegistry) -> AsyncIterator[FaultyProxy]:
    """The way to the registry of the source."""
    async with FaultyProxy(embedded_registry.host) as opened:
        yield opened


@pytest.fixture
def source(embedded_registry: RunningRegistry, repository: str, proxy: FaultyProxy) -> str:
    """An image with layers of a mebibyte each."""
    connection = Registry(embedded_registry.url, None)

    def blob(media_type: str, content: bytes) -> dict[str, Any]:
        return {"mediaType": media_type, "digest": connection.put_blob(repository, content), "size": len(content)}

    try:
        layers = [
            blob(OCI_LAYER, hashlib.sha256(b"%d" % number).digest() * (MEBIBYTE // 32)) for number in range(LAYERS)
        ]
        config = blob(OCI_CONFIG, b'{"architecture":"amd64","os":"linux"}')
    finally:
        connection.close()
    document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers}
    push_document(embedded_registry, repository, "1.0", document)
    return f"{proxy.host}/{repository}:1.0"


@pytest.fixture(params=["debian_registry", "oci", "oci-archive"])
def target(request: pytest.FixtureRequest, repository: str, tmp_path: Path) -> str:
    """Each kind of place in turn."""
    if request.param.startswith("oci"):
        return f"{request.param}:{tmp_path}/to:1.0"
    running: RunningRegistry = request.getfixturevalue(request.param)
    return f"{running.host}/{repository}/to:1.0"


def fetched(proxy: FaultyProxy) -> list[str]:
    """The blobs that were asked for, in their order."""
    return [asked for asked in proxy.asked if asked.startswith("GET ") and "/blobs/" in asked]


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_what_has_arrived_is_not_fetched_again(source: str, target: str, proxy: FaultyProxy) -> None:
    proxy.on("GET .*/blobs/", instead(Pause(0.4), refusal(404, "BLOB_UNKNOWN", "gone for now")), skip=ARRIVED)
    async with Stores(ONE_AT_A_TIME) as stores:
        with pytest.raises(NotFoundError, match="gone for now"):
            await copy(CopyRequest.parse(source, target), stores)
    arrived = fetched(proxy)[:ARRIVED]
    proxy.heal()
    proxy.seen.clear()
    async with Stores() as stores:
        done = await copy(CopyRequest.parse(source, target), stores)

    assert len(set(arrived)) == ARRIVED
    assert len(set(fetched(proxy))) == len(fetched(proxy)) == LAYERS + 1 - ARRIVED
    assert not set(arrived) & set(fetched(proxy))
    if target.startswith("oci"):
        assert answer_of("skopeo", "inspect", "--raw", target) == done.plan.root.content


async def test_an_archive_whose_writer_is_killed_is_the_old_one_and_the_next_writer_goes_on(
    source: str, proxy: FaultyProxy, tmp_path: Path
) -> None:
    path = tmp_path / "to.tar"
    old = (FIXTURES / "buildx" / "amd64.oci.tar").read_bytes()
    path.write_bytes(old)
    command = [sys.executable, "-m", "regtool", "copy", source, f"oci-archive:{path}:1.0"]
    proxy.on("GET .*/blobs/", instead(Pause(60)), skip=ARRIVED)
    writer = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    while len(fetched(proxy)) < LAYERS + 1:  # noqa: ASYNC110 - the proxy tells nobody
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)  # in which the four that are answered arrive
    writer.send_signal(signal.SIGKILL)
    await writer.wait()
    assert path.read_bytes() == old

    arrived = fetched(proxy)[:ARRIVED]
    proxy.heal()
    proxy.seen.clear()
    async with Stores() as stores:
        done = await copy(CopyRequest.parse(source, f"oci-archive:{path}:1.0"), stores)

    assert len(set(arrived) & set(fetched(proxy))) <= 1  # of the last one the end may not have been written
    assert answer_of("skopeo", "inspect", "--raw", f"oci-archive:{path}:1.0") == done.plan.root.content
    assert answer_of("skopeo", "inspect", "--raw", f"oci-archive:{path}:1.0-amd64")
    assert names_in(tmp_path) == ["to.tar"]
