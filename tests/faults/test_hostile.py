"""Servers that want to harm whoever reads them: by size, by shape, by what they point at."""

import asyncio
import gzip
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.errors import RegtoolError
from regtool.model import media_type as types
from regtool.model.reference import Repository
from regtool.operations.copy import CopyRequest, copy
from regtool.operations.members import SourceSpec, members_of
from regtool.stores.memory import MemoryStore
from regtool.stores.places import Stores
from tests.faults.world import World, a_world, document_of
from tests.images import push_document
from tests.registries import ROOT, RunningRegistry
from tests.transport.fixtures import bare
from tests.transport.scripted import CLOSE, Reply, Scripted, answer

MEBIBYTE = 1024 * 1024
_INDEX, _IMAGE = {"Content-Type": types.OCI_INDEX}, {"Content-Type": types.OCI_MANIFEST}
_HUGE = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": f"sha256:{'0' * 64}", "size": 2**62}


def padded(start: bytes, unit: bytes, end: bytes) -> bytes:
    """JSON of the largest size that is read."""
    return start + unit * ((MAX_MANIFEST - len(start) - len(end)) // len(unit)) + end


_KEYS = b"{" + b",".join(b'"%07d":1' % number for number in range(349_000)) + b"}"
# Each with the memory in MiB that it may cost above that of an ordinary answer.
HOSTILE: dict[str, tuple[Reply, int]] = {
    "2 GiB": (answer(200, b"{", _INDEX, length=2**31), 32),
    "a body without an end": ([answer(200, b"", _INDEX, length=None), *[b" " * MEBIBYTE] * 64, CLOSE], 32),
    "a bomb": (answer(200, gzip.compress(bytes(256 * MEBIBYTE)), {**_INDEX, "Content-Encoding": "gzip"}), 32),
    "3 MB of headers": (b"HTTP/1.1 200 OK\r\n" + b"X-Pad: 0123456789\r\n" * 160_000 + b"\r\n", 32),
    "a size of 2^62": (answer(200, {"schemaVersion": 2, "config": _HUGE, "layers": []}, _IMAGE), 32),
    "an error of 100 MB": ([answer(500, b"", length=100 * MEBIBYTE), *[b"x" * MEBIBYTE] * 100, CLOSE], 32),
    "4 MiB of empty lists": (answer(200, padded(b'{"manifests":[', b"[],", b"[]]}"), _INDEX), 128),
    "4 MiB of brackets": (answer(200, b"[" * MAX_MANIFEST, _INDEX), 128),
    "4 MiB of keys": (answer(200, _KEYS, _INDEX), 128),
    "4 MiB of digits": (answer(200, padded(b'{"size":', b"9", b"}"), _INDEX), 128),
}  # fmt: skip

_PROGRAM = """
import asyncio, resource, sys, time
from regtool import Stores
from regtool.errors import RegtoolError
from regtool.model.reference import Repository, Tag
from regtool.operations.members import read_config
from tests.transport.fixtures import VirtualClock

async def read(host, tag):
    async with Stores(clock=VirtualClock()) as stores:
        try:
            store = stores.at(Repository.parse(f"{host}/app"))
            manifest = await store.manifest(Tag(tag))
            manifest.as_index().manifests if manifest.is_index else await read_config(manifest, store)
        except RegtoolError as error:
            return str(error)
        return "read"

async def main(host):
    assert await read(host, "good") == "read"
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    told = await read(host, "hostile")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print((after - before) // 1024, time.process_time() - began, told, sep="|")

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_answer_costs_little(name: str) -> None:
    hostile, most = HOSTILE[name]
    good = answer(200, {"schemaVersion": 2, "mediaType": types.OCI_INDEX, "manifests": []}, _INDEX)
    async with Scripted(lambda seen: hostile if seen.path.endswith("hostile") else good) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PROGRAM, server.host, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
    mebibytes, seconds, told = out.decode().split("|", 2)

    assert f"{server.host}/app" in told
    assert int(mebibytes) <= most
    assert float(seconds) < 1.5


@pytest.fixture
async def world(embedded_registry: RunningRegistry) -> AsyncIterator[World]:
    async with a_world(embedded_registry) as made:
        yield made


async def test_foreign_addresses_of_a_layer_are_not_visited(world: World, tmp_path: Path) -> None:
    async with Scripted(lambda seen: answer()) as evil:
        image = document_of(world, "amd64")
        image["layers"][0]["urls"] = [f"http://{evil.host}/layer"]
        push_document(world.registry, world.repository, "foreign", image)
        async with Stores(bare()) as stores:
            source = f"{world.host}/{world.repository}:foreign"
            await copy(CopyRequest.parse(source, f"oci:{tmp_path}/layout:1.0"), stores)

    assert evil.seen == []


def evil_values() -> st.SearchStrategy[Any]:
    plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    odd = st.sampled_from(
        ["", "sha256:..", f"sha256:{'0' * 64}", types.OCI_INDEX, "\u202e", "\x1b[2J", 2**63, -1, 1e300]
    )
    return st.recursive(
        plain | odd,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    )


KEYS = [
    "schemaVersion",
    "mediaType",
    "manifests",
    "config",
    "layers",
    "annotations",
    "subject",
    "artifactType",
    "platform",
    "digest",
    "size",
    "urls",
    "data",
]


def _rows(document: dict[str, Any]) -> list[Any]:
    rows = document.get("manifests")
    return rows if isinstance(rows, list) else []


@st.composite
def manifests(draw: st.DrawFn) -> bytes:
    """A list or an image in which something is not as it should be."""
    descriptor = {
        "mediaType": types.OCI_MANIFEST,
        "digest": f"sha256:{'0' * 64}",
        "size": 7,
        "platform": {"os": "linux", "architecture": "amd64"},
    }
    document: dict[str, Any] = draw(st.sampled_from([
        {"schemaVersion": 2, "mediaType": types.OCI_INDEX, "manifests": [descriptor, descriptor]},
        {"schemaVersion": 2, "mediaType": types.OCI_MANIFEST, "config": descriptor, "layers": [descriptor]},
    ]))  # fmt: skip
    document = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from([document, *(value for value in _rows(document) if isinstance(value, dict))]))
        place[draw(st.sampled_from(KEYS) | st.text(max_size=5))] = draw(evil_values())
    content = json.dumps(document).encode()
    cut = draw(st.integers(0, len(content)))
    return draw(st.sampled_from([content, content, content[:cut], content[:cut] + b"\xff" + content[cut:]]))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(manifests())
async def test_any_manifest_ends_well_or_in_a_clear_error(content: bytes) -> None:
    source = SourceSpec.parse("registry.example.com/app:1.0", Repository.parse("registry.example.com/app"))
    try:
        manifest = Manifest.received(content, "", "registry.example.com/app:1.0")
        await members_of(manifest, source, MemoryStore("empty"))
    except RegtoolError as error:
        line = str(error)
        assert line.startswith(("registry.example.com/app", "config of", "empty", "sha256:")), line
