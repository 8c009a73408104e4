"""Images and lists in the other family's types, as clients of that family read them."""

import json
from pathlib import Path
from typing import Any

import pytest

from regtool import (
    ContentError,
    CopyOptions,
    CopyRequest,
    CreateRequest,
    ListType,
    Reference,
    Shape,
    Stores,
    UsageError,
    copy,
    create,
)
from regtool.documents.manifest import Manifest
from regtool.operations.events import Event, Note
from regtool.planning.convert import converted_image
from tests.images import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, push_image
from tests.judges import answer_of, docker_manifest_inspect, skopeo_inspect_raw
from tests.registries import FIXTURES, RunningRegistry

BUILT = f"oci-archive:{FIXTURES}/buildx/multi.attested.oci.tar"
PLAIN = f"oci-archive:{FIXTURES}/buildx/amd64.oci.tar"
AS_DOCKER = f"oci-archive:{FIXTURES}/buildx/amd64.docker-mediatypes.oci.tar"
TO_DOCKER, TO_OCI = CopyOptions(convert=ListType.DOCKER), CopyOptions(convert=ListType.OCI)


def types_in(raw: bytes) -> set[str]:
    document = json.loads(raw)
    rows = document.get("manifests") or [document["config"], *document["layers"]]
    return {document["mediaType"], *(row["mediaType"] for row in rows)}


def image(media_type: str, **fields: Any) -> Manifest:
    document = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": row("config"),
        "layers": [row("layer")],
        **fields,
    }
    return Manifest.received(json.dumps(document).encode(), "", "an image")


def row(kind: str, **fields: Any) -> dict[str, Any]:
    names = {
        "config": "application/vnd.oci.image.config.v1+json",
        "layer": "application/vnd.oci.image.layer.v1.tar+gzip",
    }
    return {"mediaType": names.get(kind, kind), "digest": f"sha256:{'1' * 64}", "size": 1, **fields}


class TestOneImage:
    def test_that_fits_stays_as_it_is(self) -> None:
        fitting = image(OCI_MANIFEST)

        assert converted_image(fitting, ListType.OCI).manifest is fitting

    @pytest.mark.parametrize("packed", ["", "+gzip", "+zstd"])
    @pytest.mark.parametrize("kind", ["", "nondistributable."])
    def test_comes_back_from_there_and_back(self, kind: str, packed: str) -> None:
        layer = row(f"application/vnd.oci.image.layer.{kind}v1.tar{packed}", urls=["https://example.com"], x={"y": 1})
        before = image(OCI_MANIFEST, layers=[layer], unknown=[1, None])
        after = converted_image(converted_image(before, ListType.DOCKER).manifest, ListType.OCI)

        assert after.manifest.document == before.document
        assert after.lost == ()

    def test_names_what_it_cannot_keep(self) -> None:
        made = converted_image(image(OCI_MANIFEST, annotations={"a": "b"}), ListType.DOCKER)

        assert made.lost == ("annotations",)
        assert "annotations" not in made.manifest.document

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"layers": [row("application/vnd.in-toto+json")]}, "in-toto.json, for which docker has no word"),
            ({"config": row("application/vnd.oci.empty.v1+json")}, "for which docker has no word"),
            ({"subject": row(OCI_MANIFEST)}, "is an artifact"),
            ({"artifactType": "application/vnd.x"}, "is an artifact"),
        ],
    )
    def test_that_is_none_is_refused(self, fields: dict[str, Any], why: str) -> None:
        with pytest.raises(ContentError, match=why):
            converted_image(image(OCI_MANIFEST, **fields), ListType.DOCKER)


class TestCopy:
    async def test_of_a_list_to_docker_is_read_by_docker(
        self, registry: RunningRegistry, repository: str, stores: Stores, tmp_path: Path
    ) -> None:
        target = f"{registry.host}/{repository}:1.0"
        await copy(CopyRequest.parse(BUILT, target, options=TO_DOCKER), stores)
        listed = docker_manifest_inspect(target)

        assert types_in(skopeo_inspect_raw(target)) == {DOCKER_LIST, DOCKER_MANIFEST}
        assert [one["platform"]["architecture"] for one in listed["manifests"]] == ["amd64", "arm64", "arm"]
        answer_of("skopeo", "copy", "-q", "--all", "--src-tls-verify=false", f"docker://{target}", f"dir:{tmp_path}/a")

    async def test_there_and_back_gives_the_images_that_there_were(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        docker, oci = f"{registry.host}/{repository}:docker", f"{registry.host}/{repository}:oci"
        before = await copy(CopyRequest.parse(BUILT, docker, options=TO_DOCKER), stores)
        after = await copy(CopyRequest.parse(docker, oci, options=TO_OCI), stores)
        source = Reference.parse(BUILT)
        built = (await stores.at(source.place).manifest(source.selector)).as_index()

        assert [entry.digest for entry in after.plan.root.as_index().images] == [one.digest for one in built.images]
        assert before.plan.root.media_type == DOCKER_LIST
        assert after.plan.root.media_type == OCI_INDEX

    async def test_names_new_digests_and_attestations_that_cannot_follow(
        self, embedded_registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        heard: list[Event] = []
        request = CopyRequest.parse(BUILT, f"{embedded_registry.host}/{repository}:1.0", options=TO_DOCKER)
        await copy(request, stores, heard.append)
        notes = [event.text for event in heard if isinstance(event, Note)]

        assert sum("becomes" in note for note in notes) == 4
        assert sum("cannot follow" in note for note in notes) == 3

    async def test_of_what_fits_is_byte_for_byte(
        self, embedded_registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        done = await copy(
            CopyRequest.parse(BUILT, f"{embedded_registry.host}/{repository}:1.0", options=TO_OCI), stores
        )
        source = Reference.parse(BUILT)

        assert done.plan.root == await stores.at(source.place).manifest(source.selector)

    async def test_within_one_repository_writes_what_is_new(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        push_image(registry, repository, "1.0")
        source, target = f"{registry.host}/{repository}:1.0", f"{registry.host}/{repository}:docker"
        await copy(CopyRequest.parse(source, target, options=TO_DOCKER), stores)

        assert types_in(skopeo_inspect_raw(target)) & {DOCKER_MANIFEST}


class TestCreate:
    @pytest.mark.parametrize(
        ("family", "expected"),
        [(ListType.DOCKER, {DOCKER_LIST, DOCKER_MANIFEST}), (ListType.OCI, {OCI_INDEX, OCI_MANIFEST})],
    )
    async def test_of_mixed_sources_gives_one_family(
        self, family: ListType, expected: set[str], registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        arm64 = f"oci-archive:{FIXTURES}/buildx/arm64.attested.oci.tar"
        target = f"{registry.host}/{repository}:1.0"
        shape = Shape(type=family, convert=True)
        await create(CreateRequest.parse(target, [AS_DOCKER, arm64], shape=shape), stores)

        assert types_in(skopeo_inspect_raw(target)) == expected

    async def test_keeps_attestations_of_images_that_stay(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        arm64 = f"oci-archive:{FIXTURES}/buildx/arm64.attested.oci.tar"
        request = CreateRequest.parse(
            f"{registry.host}/{repository}:1.0", [AS_DOCKER, arm64], shape=Shape(type=ListType.OCI, convert=True)
        )
        creation = await create(request, stores)

        assert [len(member.attestations) for member in creation.members] == [0, 1]

    async def test_within_one_repository_writes_what_is_new(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        push_image(registry, repository, "amd64")
        request = CreateRequest.parse(
            f"{registry.host}/{repository}:1.0",
            [f"{registry.host}/{repository}:amd64"],
            shape=Shape(type=ListType.DOCKER, convert=True),
        )
        creation = await create(request, stores)

        assert types_in(skopeo_inspect_raw(f"{registry.host}/{repository}:1.0")) == {DOCKER_LIST, DOCKER_MANIFEST}
        assert not creation.plan.blobs

    def test_has_to_know_to_what(self) -> None:
        with pytest.raises(UsageError, match="--convert: does not say to what"):
            Shape(convert=True)
