"""Adding to a tag, alone and against others that add at the same time."""

import asyncio
import json

import pytest

from regtool import (
    ConflictError,
    CreateRequest,
    Creation,
    Guards,
    NotFoundError,
    Reference,
    Seen,
    Shape,
    Stores,
    UsageError,
    create,
    inspect,
    plan_create,
)
from regtool.operations.create_request import parse_targets
from regtool.operations.events import Event, Note
from regtool.operations.members import SourceSpec
from tests.images import entry, push_image, push_index
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry

TWENTY = """linux/amd64 linux/arm64 linux/arm/v7 linux/arm/v6 linux/arm/v5 linux/386 linux/ppc64le linux/s390x
    linux/riscv64 linux/loong64 linux/mips64le linux/mips64 linux/mipsle linux/mips freebsd/amd64 freebsd/arm64
    netbsd/amd64 openbsd/amd64 darwin/arm64 windows/amd64""".split()


def adding(name: str, *sources: str, tags: tuple[str, ...] = (), shape: Shape | None = None) -> CreateRequest:
    targets = parse_targets(f"{name}:1.0", tags)
    specs = tuple(SourceSpec.parse(f"{name}:{source}", targets[0].place) for source in sources)
    return CreateRequest(targets, specs, shape or Shape(), append=True)


async def platforms(name: str, tag: str = "1.0") -> list[str]:
    async with Stores() as stores:
        return [str(row.platform) for row in (await inspect(Reference.parse(f"{name}:{tag}"), stores)).rows]


@pytest.fixture
def name(registry: RunningRegistry, repository: str) -> str:
    registry.push("amd64.attested.oci.tar", repository, "amd64")
    registry.push("arm64.attested.oci.tar", repository, "arm64")
    return f"{registry.host}/{repository}"


class TestAlone:
    async def test_a_tag_that_is_not_there_yet_is_made(self, name: str, stores: Stores) -> None:
        await create(adding(name, "amd64"), stores)

        assert await platforms(name) == ["linux/amd64"]

    async def test_what_is_there_stays_with_its_attestations(self, name: str, stores: Stores) -> None:
        await create(adding(name, "amd64"), stores)
        creation = await create(adding(name, "arm64"), stores)

        rows = json.loads(skopeo_inspect_raw(f"{name}:1.0"))["manifests"]
        assert [row["platform"]["architecture"] for row in rows] == ["amd64", "unknown", "arm64", "unknown"]
        assert [str(change.platform) for change in creation.changes if change.before is None] == ["linux/arm64"]

    async def test_an_image_for_the_same_platform_is_replaced_and_its_attestation_goes_with_it(
        self, registry: RunningRegistry, repository: str, name: str, stores: Stores
    ) -> None:
        await create(adding(name, "amd64", "arm64"), stores)
        newer = push_image(registry, repository, "newer", config={"architecture": "arm64", "variant": "v8"})
        await create(adding(name, "newer"), stores)

        rows = json.loads(skopeo_inspect_raw(f"{name}:1.0"))["manifests"]
        assert [row["platform"]["architecture"] for row in rows] == ["amd64", "unknown", "arm64"]
        assert rows[2]["digest"] == newer

    async def test_a_single_image_under_the_tag_becomes_the_first_of_the_list(
        self, registry: RunningRegistry, repository: str, name: str, stores: Stores
    ) -> None:
        push_image(registry, repository, "1.0", config={"architecture": "s390x"})
        await create(adding(name, "amd64"), stores)

        assert await platforms(name) == ["linux/amd64", "linux/s390x"]

    async def test_the_list_keeps_its_annotations_and_its_kind(
        self, registry: RunningRegistry, repository: str, name: str, stores: Stores
    ) -> None:
        registry.push("arm64.docker-mediatypes.oci.tar", repository, "docker")
        image = push_image(registry, repository, "image", docker=True)
        size = len(skopeo_inspect_raw(f"{name}:image"))
        row = entry(image, size, {"os": "linux", "architecture": "amd64"})
        row["mediaType"] = "application/vnd.docker.distribution.manifest.v2+json"
        push_index(registry, repository, "1.0", [row], annotations={"a": "old", "b": "stays"})
        await create(adding(name, "docker", shape=Shape(annotations={"a": "new"})), stores)

        written = json.loads(skopeo_inspect_raw(f"{name}:1.0"))
        assert written["annotations"] == {"a": "new", "b": "stays"}
        assert written["mediaType"] == "application/vnd.oci.image.index.v1+json"

    async def test_the_list_keeps_what_nobody_knows(
        self, registry: RunningRegistry, repository: str, name: str, stores: Stores
    ) -> None:
        registry.push("arm64.oci.tar", repository, "plain")
        row = entry(push_image(registry, repository, "image"), len(skopeo_inspect_raw(f"{name}:image")))
        platform = {"os": "linux", "architecture": "amd64"}
        unknown = {"artifactType": "application/vnd.example", "org.example": {"nested": [1, None]}}
        push_index(registry, repository, "1.0", [{**row, "platform": platform, "org.example.row": True}], **unknown)
        await create(adding(name, "plain"), stores)

        written = json.loads(skopeo_inspect_raw(f"{name}:1.0"))
        assert {key: written[key] for key in unknown} == unknown
        assert [one.get("org.example.row") for one in written["manifests"]] == [True, None]

    async def test_each_of_several_tags_keeps_what_it_has(self, name: str, stores: Stores) -> None:
        await create(CreateRequest.parse(f"{name}:latest", [f"{name}:arm64"]), stores)
        await create(adding(name, "amd64", tags=("latest",)), stores)

        assert await platforms(name) == ["linux/amd64"]
        assert await platforms(name, "latest") == ["linux/amd64", "linux/arm64"]

    async def test_adding_what_is_there_writes_nothing(
        self, registry: RunningRegistry, name: str, stores: Stores
    ) -> None:
        await create(adding(name, "amd64"), stores)
        mark = registry.mark()
        again = await create(adding(name, "amd64"), stores)

        assert again.writes_nothing
        assert {asked.method for asked in registry.requests_since(mark)} == {"GET"}

    async def test_the_creation_tells_from_the_first_look_to_the_last(self, name: str, stores: Stores) -> None:
        first = await create(adding(name, "amd64"), stores)
        second = await create(adding(name, "arm64"), stores)

        (move,) = second.plan.tags
        assert (move.was, move.changes) == (first.plan.root.digest, True)

    async def test_a_plan_alone_writes_nothing(self, name: str, stores: Stores) -> None:
        await plan_create(adding(name, "amd64"), stores)

        with pytest.raises(NotFoundError):
            await platforms(name)

    def test_what_the_tag_was_cannot_be_asked_for_as_well(self) -> None:
        targets = parse_targets("localhost/app:1")
        source = SourceSpec.parse("localhost/app:2", targets[0].place)
        with pytest.raises(UsageError, match="--if-digest: is not for --append"):
            CreateRequest(targets, (source,), guards=Guards(if_digest=Seen(None)), append=True)


class TestAtOnce:
    async def test_twenty_jobs_lose_nothing(self, registry: RunningRegistry, repository: str) -> None:
        """Each job has a client of its own; who finds its image gone afterwards, merges again."""
        push_image(registry, repository, "leg")
        name = f"{registry.host}/{repository}"
        heard: list[Event] = []

        async def job(platform: str) -> Creation | ConflictError:
            async with Stores() as stores:
                try:
                    return await create(adding(name, f"leg={platform}"), stores, heard.append)
                except ConflictError as conflict:
                    return conflict

        done = await asyncio.gather(*map(job, TWENTY))

        lost = {platform for platform, outcome in zip(TWENTY, done, strict=True) if isinstance(outcome, ConflictError)}
        assert set(TWENTY) - set(await platforms(name)) == lost == set()
        assert any(isinstance(event, Note) and "merging again" in event.text for event in heard)
