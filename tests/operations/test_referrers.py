"""What is about an image: found wherever it is listed, and taken along by copies."""

import json
from pathlib import Path

import pytest

from regtool import (
    AttachRequest,
    ConflictError,
    CopyOptions,
    CopyRequest,
    CreateRequest,
    Digest,
    Reference,
    Referred,
    Stores,
    Tag,
    attach,
    copy,
    create,
    read_referrers,
)
from regtool.stores.fallback_tag import fallback_tag
from tests.images import entry, push_document, push_image, push_index
from tests.judges import skopeo_inspect_raw
from tests.registries import FIXTURES, RunningRegistry

BUILT = f"oci-archive:{FIXTURES}/buildx/multi.attested.oci.tar"
ATTESTATION = "application/vnd.docker.attestation.manifest.v1+json"
BOM = "application/vnd.example.bom+json"
ALONG = CopyOptions(referrers=True)


@pytest.fixture
def bom(tmp_path: Path) -> str:
    (tmp_path / "bom.json").write_text('{"components": []}')
    return f"{tmp_path}/bom.json"


def kinds(found: Referred) -> list[str]:
    return [one.descriptor.artifact_type or "" for one in found.referrers]


def shape(found: Referred) -> object:
    """The tree as digests."""
    return (
        str(found.descriptor.digest),
        sorted(map(shape, found.referrers), key=str),
        sorted((str(tag), str(digest)) for tag, digest in found.signatures),
        sorted(map(shape, found.entries), key=str),
    )


async def tree(reference: str, stores: Stores) -> Referred:
    return await read_referrers(Reference.parse(reference), stores)


class TestReading:
    async def test_attestations_that_name_their_image_are_found_at_it(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        """In a registry without the API, too, though nobody but the one who pushed could have listed them there."""
        target = f"{registry.host}/{repository}:1.0"
        await copy(CopyRequest.parse(BUILT, target), stores)
        found = await tree(target, stores)

        assert [kinds(image) for image in found.entries] == [[ATTESTATION]] * 3
        assert shape(found) == shape(await tree(BUILT, stores))

    async def test_what_is_about_what_is_about_an_image_is_found(
        self, registry: RunningRegistry, repository: str, bom: str, stores: Stores
    ) -> None:
        image = push_image(registry, repository, "1.0")
        first = await attach(AttachRequest.parse(f"{registry.host}/{repository}@{image}", [bom], BOM), stores)
        await attach(AttachRequest.parse(str(first.result), [bom], "application/vnd.example.signature"), stores)
        found = await tree(f"{registry.host}/{repository}:1.0", stores)

        assert kinds(found) == [BOM]
        assert kinds(found.referrers[0]) == ["application/vnd.example.signature"]

    async def test_a_circle_ends(self, embedded_registry: RunningRegistry, repository: str, stores: Stores) -> None:
        """No honest client can make one, as digests are known after the fact; a list of referrers can say anything."""
        image = push_image(embedded_registry, repository, "1.0")
        size = len(skopeo_inspect_raw(f"{embedded_registry.host}/{repository}:1.0"))
        push_index(embedded_registry, repository, fallback_tag(Digest.parse(image)).name, [entry(image, size)])

        assert (await tree(f"{embedded_registry.host}/{repository}:1.0", stores)).referrers == ()

    async def test_cosigns_old_tags_are_found(self, registry: RunningRegistry, repository: str, stores: Stores) -> None:
        image = Digest.parse(push_image(registry, repository, "1.0"))
        signature = push_image(registry, repository, f"sha256-{image.hex}.sig", layer=b"signature")
        found = await tree(f"{registry.host}/{repository}:1.0", stores)

        assert found.signatures == ((Tag(f"sha256-{image.hex}.sig"), Digest.parse(signature)),)

    async def test_nothing_is_about_most_images(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        push_image(registry, repository, "1.0")
        found = await tree(f"{registry.host}/{repository}:1.0", stores)

        assert (found.referrers, found.signatures, found.entries) == ((), (), ())


class TestTheTagWhereTheRegistryListsNothing:
    async def test_lists_each_referrer_once_with_its_type_and_annotations(
        self, debian_registry: RunningRegistry, repository: str, bom: str, stores: Stores
    ) -> None:
        image = Digest.parse(push_image(debian_registry, repository, "1.0"))
        request = AttachRequest.parse(
            f"{debian_registry.host}/{repository}:1.0", [bom], BOM, annotations={"org.example.by": "us"}
        )
        for _ in range(2):
            await attach(request, stores)
        listed = json.loads(skopeo_inspect_raw(f"{debian_registry.host}/{repository}:sha256-{image.hex}"))["manifests"]

        assert [one["artifactType"] for one in listed] == [BOM]
        assert listed[0]["annotations"] == {"org.example.by": "us"}

    async def test_keeps_what_others_have_listed(
        self, debian_registry: RunningRegistry, repository: str, bom: str, stores: Stores
    ) -> None:
        image = Digest.parse(push_image(debian_registry, repository, "1.0"))
        other = push_image(debian_registry, repository, "other", layer=b"other")
        size = len(skopeo_inspect_raw(f"{debian_registry.host}/{repository}:other"))
        row = entry(other, size, artifactType="application/vnd.other", unknown={"kept": True})
        push_index(debian_registry, repository, f"sha256-{image.hex}", [row], annotations={"mine": "stays"})
        await attach(AttachRequest.parse(f"{debian_registry.host}/{repository}:1.0", [bom], BOM), stores)
        listed = json.loads(skopeo_inspect_raw(f"{debian_registry.host}/{repository}:sha256-{image.hex}"))

        assert listed["manifests"][0] == row
        assert len(listed["manifests"]) == 2
        assert listed["annotations"] == {"mine": "stays"}

    async def test_is_not_written_over_if_it_is_an_image(
        self, debian_registry: RunningRegistry, repository: str, bom: str, stores: Stores
    ) -> None:
        image = Digest.parse(push_image(debian_registry, repository, "1.0"))
        push_image(debian_registry, repository, f"sha256-{image.hex}", layer=b"somebody's")

        with pytest.raises(ConflictError, match="is no list of referrers"):
            await attach(AttachRequest.parse(f"{debian_registry.host}/{repository}:1.0", [bom], BOM), stores)

    async def test_is_kept_by_create_across_repositories(
        self, debian_registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        source = f"{debian_registry.host}/{repository}/legs"
        await copy(CopyRequest.parse(BUILT, f"{source}:1.0"), stores)
        target = f"{debian_registry.host}/{repository}/app:1.0"
        await create(CreateRequest.parse(target, [f"{source}:1.0"]), stores)

        assert [kinds(image) for image in (await tree(target, stores)).entries] == [[ATTESTATION]] * 3

    async def test_is_not_needed_where_the_registry_lists_them_itself(
        self, embedded_registry: RunningRegistry, repository: str, bom: str, stores: Stores
    ) -> None:
        push_image(embedded_registry, repository, "1.0")
        reference = Reference.parse(f"{embedded_registry.host}/{repository}:1.0")
        await attach(AttachRequest.parse(str(reference), [bom], BOM), stores)

        assert [tag.name async for tag in stores.at(reference.place).tags()] == ["1.0"]

    def test_is_cut_to_what_a_tag_may_be(self) -> None:
        assert fallback_tag(Digest("sha512", "a" * 128)) == Tag(f"sha512-{'a' * 64}")


class TestCopies:
    @pytest.mark.parametrize("source", ["debian_registry", "embedded_registry", "oci", "oci-archive"])
    @pytest.mark.parametrize("target", ["debian_registry", "embedded_registry", "oci", "oci-archive"])
    async def test_take_along_what_is_about_the_image_and_its_parts(
        self, source: str, target: str, repository: str, bom: str, stores: Stores, tmp_path: Path,
        request: pytest.FixtureRequest,
    ) -> None:  # fmt: skip
        def named(kind: str, role: str) -> str:
            if kind.startswith("oci"):
                return f"{kind}:{tmp_path}/{role}.{kind}:1.0"
            return f"{request.getfixturevalue(kind).host}/{repository}/{role}:1.0"

        origin, goal = named(source, "from"), named(target, "to")
        await copy(CopyRequest.parse(BUILT, origin), stores)
        await attach(AttachRequest.parse(origin, [bom], BOM), stores)
        await attach(AttachRequest.parse(origin, [bom], "application/vnd.other", platform="arm64"), stores)
        await copy(CopyRequest.parse(origin, goal, options=ALONG), stores)

        assert shape(await tree(goal, stores)) == shape(await tree(origin, stores))
        assert kinds(await tree(goal, stores)) == [BOM]

    @pytest.mark.parametrize("source", ["debian_registry", "embedded_registry"])
    @pytest.mark.parametrize("target", ["debian_registry", "embedded_registry"])
    async def test_take_along_cosigns_old_tags_of_the_list_and_its_images(
        self, source: str, target: str, repository: str, stores: Stores, request: pytest.FixtureRequest
    ) -> None:
        running: RunningRegistry = request.getfixturevalue(source)
        goal = f"{request.getfixturevalue(target).host}/{repository}/to:1.0"
        origin = f"{running.host}/{repository}/from:1.0"
        done = await copy(CopyRequest.parse(BUILT, origin), stores)
        signed = [done.plan.root.digest, done.plan.root.as_index().images[1].digest]
        tags = [f"sha256-{digest.hex}.{kind}" for digest in signed for kind in ("sig", "att", "sbom")]
        for tag in tags:
            push_image(running, f"{repository}/from", tag, layer=tag.encode())
        await copy(CopyRequest.parse(origin, goal, options=ALONG), stores)
        found = await tree(goal, stores)

        assert shape(found) == shape(await tree(origin, stores))
        assert [tag.name for one in (found, *found.entries) for tag, _ in one.signatures] == tags

    async def test_write_what_is_both_a_part_and_about_another_once(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        mark = registry.mark()
        await copy(CopyRequest.parse(BUILT, f"{registry.host}/{repository}:1.0", options=ALONG), stores)

        written = [one.path for one in registry.requests_since(mark) if one.method == "PUT"]
        manifests = [path for path in written if "/manifests/sha256:" in path]
        assert len(manifests) == len(set(manifests)) == 7  # three images, each with its attestation, and their list

    async def test_leave_it_where_it_is_unless_asked(
        self, embedded_registry: RunningRegistry, repository: str, bom: str, stores: Stores
    ) -> None:
        source, target = (f"{embedded_registry.host}/{repository}/{role}:1.0" for role in ("from", "to"))
        push_image(embedded_registry, f"{repository}/from", "1.0")
        await attach(AttachRequest.parse(source, [bom], BOM), stores)
        await copy(CopyRequest.parse(source, target), stores)

        assert kinds(await tree(target, stores)) == []

    async def test_leave_no_list_unfinished_that_was_cut_off(
        self, debian_registry: RunningRegistry, repository: str, bom: str, stores: Stores
    ) -> None:
        """The referrer has arrived but is not listed: the next copy lists it."""
        source, target = (f"{debian_registry.host}/{repository}/{role}:1.0" for role in ("from", "to"))
        image = push_image(debian_registry, f"{repository}/from", "1.0")
        await attach(AttachRequest.parse(source, [bom], BOM), stores)
        request = CopyRequest.parse(source, target, options=ALONG)
        await copy(request, stores)
        push_index(debian_registry, f"{repository}/to", fallback_tag(Digest.parse(image)).name, [])
        await copy(request, stores)

        assert kinds(await tree(target, stores)) == [BOM]

    async def test_also_of_documents_whose_subject_is_elsewhere(
        self, embedded_registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        """A subject need not be there (OCI distribution-spec, "Pushing Manifests with Subject")."""
        push_image(embedded_registry, f"{repository}/from", "base")
        base = json.loads(skopeo_inspect_raw(f"{embedded_registry.host}/{repository}/from:base"))
        subject = {"mediaType": base["mediaType"], "digest": f"sha256:{'e' * 64}", "size": 7}
        push_document(embedded_registry, f"{repository}/from", "1.0", {**base, "subject": subject})
        source, target = (f"{embedded_registry.host}/{repository}/{role}:1.0" for role in ("from", "to"))
        done = await copy(CopyRequest.parse(source, target, options=ALONG), stores)

        assert skopeo_inspect_raw(target) == done.plan.root.content
