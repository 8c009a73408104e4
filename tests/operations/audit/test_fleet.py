"""Auditing on real registries: what is asked, what is asked once, and what becomes of names that cannot be seen."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from regtool import AuditRequest, ContentCache, Repository, Settings, Sources, Stores, Tag, audit, gather
from regtool.documents.descriptor import Descriptor
from regtool.model.digest import Digest
from regtool.model.media_type import OCI_INDEX
from regtool.operations.audit.look import Depth
from regtool.operations.audit.policy import Policy
from regtool.operations.audit.record import Audited
from regtool.operations.audit.subject import Shard
from tests.images import entry, push_image, push_index
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry
from tests.transport.scripted import Pause, Scripted, Seen, Step, answer


async def audited(
    cache: Path,
    *names: str,
    depth: Depth = Depth.IMAGES,
    policy: Policy | None = None,
    shard: Shard | None = None,
    settings: Settings | None = None,
) -> list[Audited]:
    """What an audit of these names finds."""
    request = AuditRequest(
        names=gather(Sources(names=names)), policy=policy or Policy(), depth=depth, shard=shard or Shard()
    )
    with ContentCache(cache) as kept:
        async with Stores(settings) as stores:
            return [record async for record in audit(request, stores, kept)]


def asked(registry: RunningRegistry, mark: int) -> list[str]:
    """What the registry was asked, without names: `HEAD manifests`, `GET blobs`."""
    paths = [(request.method, request.path.split("/")) for request in registry.requests_since(mark)]
    return sorted(f"{method} {parts[-2]}" for method, parts in paths)


class TestRequests:
    @pytest.fixture
    def attested(self, registry: RunningRegistry, repository: str) -> str:
        """A list of one image with its attestation, under three tags."""
        for tag in ("1.0", "1.0.0", "latest"):
            registry.push("amd64.attested.oci.tar", repository, tag)
        return f"{registry.host}/{repository}"

    async def test_a_list_costs_a_head_and_what_is_in_it_once(
        self, registry: RunningRegistry, attested: str, tmp_path: Path
    ) -> None:
        mark = registry.mark()
        await audited(tmp_path, f"{attested}:1.0")

        # The tag; the list, the image and its configuration; and whether the attestation is there.
        assert asked(registry, mark) == ["GET blobs", *["GET manifests"] * 2, *["HEAD manifests"] * 2]

    async def test_tags_of_one_list_share_what_is_read(
        self, registry: RunningRegistry, attested: str, tmp_path: Path
    ) -> None:
        mark = registry.mark()
        found = await audited(tmp_path, f"{attested}:1.0", f"{attested}:1.0.0", f"{attested}:latest")

        assert asked(registry, mark) == ["GET blobs", *["GET manifests"] * 2, *["HEAD manifests"] * 4]
        assert len({record.digest for record in found}) == 1

    async def test_the_next_run_asks_only_whether_it_is_still_there(
        self, registry: RunningRegistry, attested: str, tmp_path: Path
    ) -> None:
        await audited(tmp_path, f"{attested}:1.0")
        mark = registry.mark()
        await audited(tmp_path, f"{attested}:1.0")

        assert asked(registry, mark) == ["HEAD manifests"] * 3

    async def test_a_shallow_look_reads_the_list_alone(
        self, registry: RunningRegistry, attested: str, tmp_path: Path
    ) -> None:
        mark = registry.mark()
        (found,) = await audited(tmp_path, f"{attested}:1.0", depth=Depth.LIST)

        assert asked(registry, mark) == ["GET manifests", "HEAD manifests"]
        assert [name for name, _ in found.platforms] == ["linux/amd64"]

    async def test_a_deep_look_asks_for_every_blob_once(
        self, registry: RunningRegistry, attested: str, tmp_path: Path
    ) -> None:
        mark = registry.mark()
        await audited(tmp_path, f"{attested}:1.0", f"{attested}:latest", depth=Depth.BLOBS)

        # Configuration and layer of the image, and of the attestation its configuration and two statements.
        assert [line for line in asked(registry, mark) if line == "HEAD blobs"] == ["HEAD blobs"] * 4

    async def test_an_allowance_ends_a_run_in_good_order(self, attested: str, tmp_path: Path) -> None:
        names = [f"{attested}:{tag}" for tag in ("1.0", "1.0.0", "latest")]
        cut = await audited(tmp_path, *names, settings=Settings(max_requests=2))
        whole = await audited(tmp_path, *names, settings=Settings(max_requests=8))

        assert [record.reference for record in cut] == names
        assert {record.error[0] for record in cut if record.error} == {"rate-limited"}
        assert [record.error for record in whole] == [None] * 3


async def test_names_that_cannot_be_seen_are_records_in_their_place(
    registry: RunningRegistry, repository: str, tmp_path: Path
) -> None:
    registry.push("multi.attested.oci.tar", repository, "1.0")
    name = f"{registry.host}/{repository}"

    found = await audited(tmp_path, f"{name}:gone", f"{name}:1.0", f"{registry.host}/no/such/repository")

    assert [record.error[0] if record.error else "" for record in found] == ["not-found", "", "not-found"]
    assert [record.kind for record in found] == ["unknown", "list", "unknown"]


async def test_content_that_is_known_is_still_looked_for_in_each_repository(
    debian_registry: RunningRegistry, repository: str, tmp_path: Path
) -> None:
    name = f"{debian_registry.host}/{repository}"
    digests = [publish_s390x(debian_registry, f"{repository}/{part}") for part in ("has", "lacks")]
    await delete(debian_registry, f"{repository}/lacks", digests[1])

    found = await audited(tmp_path, f"{name}/has:1.0", f"{name}/lacks:1.0")

    assert [[problem.code for problem in record.problems] for record in found] == [[], ["RT201"]]


def publish_s390x(registry: RunningRegistry, repository: str) -> str:
    """Publishes a list of one image, the same everywhere, and returns the digest of the image."""
    image = push_image(registry, repository, "of", config={"architecture": "s390x"})
    size = len(skopeo_inspect_raw(f"{registry.host}/{repository}:of"))
    push_index(registry, repository, "1.0", [entry(image, size, {"os": "linux", "architecture": "s390x"})])
    return image


async def delete(registry: RunningRegistry, repository: str, digest: str) -> None:
    async with Stores() as stores:
        await stores.at(Repository(registry.host, repository)).delete_manifest(Digest.parse(digest))


async def test_what_is_no_image_needs_no_platform(registry: RunningRegistry, repository: str, tmp_path: Path) -> None:
    push_image(registry, repository, "chart", config_type="application/vnd.cncf.helm.config.v1+json")

    (found,) = await audited(
        tmp_path, f"{registry.host}/{repository}:chart", policy=Policy().adjusted(require=["linux/amd64"])
    )

    assert (found.kind, found.platforms, found.problems) == ("artifact", (), ())


async def test_shards_together_are_the_whole(registry: RunningRegistry, repository: str, tmp_path: Path) -> None:
    for number in range(9):
        registry.push("amd64.oci.tar", repository, f"1.{number}")
    name = f"{registry.host}/{repository}"

    whole = await audited(tmp_path, name)
    parts = [await audited(tmp_path, name, shard=Shard(part, 3)) for part in (1, 2, 3)]

    assert sorted(record.reference for part in parts for record in part) == sorted(one.reference for one in whole)
    assert {record.reference for record in whole} == {f"{name}:1.{number}" for number in range(9)}


async def test_who_stops_taking_records_ends_the_run(
    registry: RunningRegistry, repository: str, tmp_path: Path
) -> None:
    for number in range(3):
        registry.push("amd64.oci.tar", repository, f"1.{number}")
    request = AuditRequest(names=gather(Sources(names=[f"{registry.host}/{repository}"])))
    with ContentCache(tmp_path) as kept:
        async with Stores() as stores:
            records = audit(request, stores, kept)
            assert (await anext(records)).kind == "image"
            await asyncio.wait_for(records.aclose(), 5)


class Many(Stores):
    """A place with so many tags, each of them at something else; nothing of it is kept anywhere."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self._tags = tags

    def at(self, place: object) -> Any:
        """The one store that there is."""
        return self

    async def tags(self) -> AsyncIterator[Tag]:
        """All tags."""
        for number in range(self._tags):
            yield Tag(f"t{number}")

    async def resolve(self, tag: Tag) -> Descriptor:
        """Too large to be read, so that there is something to find without more ado."""
        return Descriptor.of(OCI_INDEX, Digest.of(tag.name.encode()), 5_000_000)


async def peak_of(tags: int) -> int:
    """The most memory that an audit of so many tags takes, in bytes."""
    request = AuditRequest(names=gather(Sources(names=["localhost:5000/app"])))
    with ContentCache(None) as cache:
        tracemalloc.start()
        found = [True async for record in audit(request, Many(tags), cache) if record.problems[0].code == "RT102"]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert len(found) == tags
    return peak


async def test_memory_does_not_grow_with_the_number_of_tags() -> None:
    few, many = await peak_of(1000), await peak_of(10_000)

    assert many - few < 200_000  # bytes; 80 kB of them is the list of what was found


@pytest.mark.parametrize("slow", ["1.0", "latest"])
async def test_a_twin_is_the_later_one_in_the_order_of_the_names_whoever_answers_first(
    slow: str, tmp_path: Path
) -> None:
    content = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []})
    headers = {"Content-Type": OCI_INDEX, "Docker-Content-Digest": str(Digest.of(content.encode()))}

    def script(seen: Seen) -> list[Step]:
        wait = [Pause(0.1)] if seen.path.endswith(f"/{slow}") else []
        return [*wait, answer(200, content, headers)]

    async with Scripted(script) as server:
        names = [f"{server.host}/app:1.0", f"{server.host}/app:latest"]
        found = await audited(tmp_path, *names, policy=Policy().adjusted(select=["RT503"]))

    assert [len(record.problems) for record in found] == [0, 1]
