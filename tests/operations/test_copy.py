"""Copies between every two places: whole, byte for byte, and read by skopeo afterwards."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from regtool import (
    ConflictError,
    ContentError,
    CopyAllRequest,
    CopyOptions,
    CopyRequest,
    Digest,
    Layout,
    NotFoundError,
    Platform,
    Reference,
    RegtoolError,
    Settings,
    Stores,
    Tag,
    UsageError,
    copy,
    copy_all,
    plan_copy,
)
from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.operations.events import BlobPassing, BlobPlaced, Event
from regtool.stores.protocols import Store
from tests.faults.proxy import FaultyProxy, Forward
from tests.images import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, entry, push_document, push_image, push_index
from tests.judges import answer_of
from tests.registries import FIXTURES, RunningRegistry
from tests.stores.samples import content_of
from tests.transport.fixtures import VirtualClock
from tests.transport.scripted import Reply, Seen

BUILT = FIXTURES / "buildx" / "multi.attested.oci.tar"
TARGETS = ["debian_registry", "embedded_registry", "oci", "oci-archive"]
S390X = Platform.parse("s390x")
ARM64, AMD64, ARMV7 = Platform.parse("arm64"), Platform.parse("amd64"), Platform.parse("arm/v7")

Name = Callable[[str, str], str]


@pytest.fixture
def name(request: pytest.FixtureRequest, repository: str, tmp_path: Path) -> Name:
    """Names an image in a place of this kind; `role` keeps two places of one kind apart."""

    def named(kind: str, role: str) -> str:
        if kind == "oci":
            return f"oci:{tmp_path}/{role}:1.0"
        if kind.endswith("-archive"):
            return f"{kind}:{tmp_path}/{role}.tar:1.0"
        running: RunningRegistry = request.getfixturevalue(kind)
        return f"{running.host}/{repository}/{role}:1.0"

    return named


def for_skopeo(reference: str) -> tuple[str, ...]:
    """The arguments by which skopeo finds an image."""
    files = reference.startswith(("oci:", "oci-archive:", "docker-archive:"))
    return (reference,) if files else ("--src-tls-verify=false", f"docker://{reference}")


def raw(reference: str) -> bytes:
    """The manifest as skopeo reads it."""
    files = reference.startswith(("oci:", "oci-archive:", "docker-archive:"))
    where = (reference,) if files else ("--tls-verify=false", f"docker://{reference}")
    return answer_of("skopeo", "inspect", "--raw", *where)


def pulled(reference: str, folder: Path) -> set[str]:
    """The names of everything that skopeo pulls of a list, each checked by skopeo against its digest."""
    answer_of("skopeo", "copy", "-q", "--all", "--preserve-digests", *for_skopeo(reference), f"dir:{folder}")
    return {path.name for path in folder.iterdir()}


async def put(reference: str) -> bytes:
    """Puts what buildx built where `reference` says, by skopeo, and returns the list."""
    files = reference.startswith(("oci:", "oci-archive:"))
    where = (reference,) if files else ("--dest-tls-verify=false", f"docker://{reference}")
    answer_of("skopeo", "copy", "-q", "--all", "--preserve-digests", f"oci-archive:{BUILT}", *where)
    return raw(f"oci-archive:{BUILT}")


async def content(store: Store, reference: Reference) -> bytes:
    return (await store.manifest(reference.selector)).content


class TestEveryPairOfPlaces:
    @pytest.mark.parametrize("target", TARGETS)
    @pytest.mark.parametrize("source", TARGETS)
    async def test_a_list_arrives_whole_and_byte_for_byte(
        self, source: str, target: str, name: Name, stores: Stores, tmp_path: Path
    ) -> None:
        origin, goal = name(source, "from"), name(target, "to")
        expected = await put(origin)
        done = await copy(CopyRequest.parse(origin, goal), stores)

        assert raw(goal) == expected
        assert done.plan.root.content == expected
        assert pulled(goal, tmp_path / "a") == pulled(f"oci-archive:{BUILT}", tmp_path / "b")

    @pytest.mark.parametrize("target", TARGETS)
    async def test_an_image_out_of_a_docker_archive_keeps_its_configuration_and_layers(
        self, target: str, name: Name, stores: Stores, tmp_path: Path
    ) -> None:
        source = f"docker-archive:{tmp_path}/old.tar:demo/app:1.0"
        answer_of("skopeo", "copy", "-q", f"oci-archive:{FIXTURES}/buildx/amd64.oci.tar", source)
        goal = name(target, "to")
        await copy(CopyRequest.parse(source, goal), stores)
        expected, found = json.loads(raw(source)), json.loads(raw(goal))

        assert found["config"]["digest"] == expected["config"]["digest"]
        assert [layer["digest"] for layer in found["layers"]] == [layer["digest"] for layer in expected["layers"]]
        assert pulled(goal, tmp_path / "a")

    @pytest.mark.parametrize("target", TARGETS)
    async def test_a_second_copy_moves_nothing(self, target: str, name: Name, stores: Stores) -> None:
        request = CopyRequest.parse(f"oci-archive:{BUILT}", name(target, "to"))
        await copy(request, stores)
        again = await plan_copy(request, stores)

        assert again.plan.writes_nothing
        assert not again.plan.blobs
        assert not again.plan.children


class TestWhatIsThere:
    async def test_is_not_moved_again_by_a_copy_that_was_cut_off(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        """Everything but one image and the list is there; what is left is brought."""
        request = CopyRequest.parse(f"oci-archive:{BUILT}", f"{registry.host}/{repository}:1.0")
        whole = await plan_copy(request, stores)
        target = stores.at(request.target)
        left = next(child for child in whole.plan.children if b"in-toto" not in child.content)
        needed = {blob.digest for blob in left.as_image().blobs}
        origin = stores.at(request.source.place)
        for move in whole.plan.blobs:
            if move.blob.digest not in needed:
                await target.put_blob(move.blob, lambda blob=move.blob: origin.blob(blob))  # type: ignore[misc]
        for child in whole.plan.children:
            if child != left:
                await target.put_manifest(child)
        rest = await plan_copy(request, stores)

        assert [child.digest for child in rest.plan.children] == [left.digest]
        assert {move.blob.digest for move in rest.plan.blobs} == needed

    async def test_is_mounted_within_a_registry(
        self, debian_registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        source = f"{debian_registry.host}/{repository}:1.0"
        await put(source)
        mark = debian_registry.mark()
        heard: list[Event] = []
        await copy(CopyRequest.parse(source, f"{debian_registry.host}/{repository}/copy:1.0"), stores, heard.append)

        assert {event.how for event in heard if isinstance(event, BlobPlaced)} == {"mounted"}
        assert not [
            one for one in debian_registry.requests_since(mark) if one.method == "PUT" and "/blobs/" in one.path
        ]

    async def test_passes_in_pieces_that_are_told(
        self, registry: RunningRegistry, repository: str, name: Name, stores: Stores
    ) -> None:
        layer = bytes(range(256)) * 8192
        push_image(registry, repository, "1.0", layer=layer)
        heard: list[Event] = []
        await copy(CopyRequest.parse(f"{registry.host}/{repository}:1.0", name("oci", "to")), stores, heard.append)
        passed = [event.passed for event in heard if isinstance(event, BlobPassing) and event.blob.size == len(layer)]

        assert passed == sorted(passed)
        assert passed[-1] == len(layer)
        assert len(passed) > 1


class TestOnlySome:
    @pytest.mark.parametrize("target", TARGETS)
    async def test_platforms_make_a_smaller_list_with_their_attestations(
        self, target: str, name: Name, stores: Stores, tmp_path: Path
    ) -> None:
        what = CopyOptions(platforms=(ARM64, ARMV7))
        done = await copy(CopyRequest.parse(f"oci-archive:{BUILT}", name(target, "to"), options=what), stores)
        index = done.plan.root.as_index()

        assert {entry.platform.value.normalized() for entry in index.images if entry.platform} == {ARM64, ARMV7}
        assert {entry.attests for entry in index.attestations} == {entry.digest for entry in index.images}
        assert len(pulled(name(target, "to"), tmp_path / "a")) > 4

    async def test_all_platforms_leave_the_list_as_it_is(self, name: Name, stores: Stores) -> None:
        what = CopyOptions(platforms=(ARM64, AMD64, ARMV7))
        done = await copy(CopyRequest.parse(f"oci-archive:{BUILT}", name("oci", "to"), options=what), stores)

        assert done.plan.root.content == raw(f"oci-archive:{BUILT}")

    async def test_unwrapping_gives_the_image_itself(self, name: Name, stores: Stores) -> None:
        what = CopyOptions(platforms=(ARM64,), unwrap=True)
        done = await copy(CopyRequest.parse(f"oci-archive:{BUILT}", name("oci", "to"), options=what), stores)

        assert not done.plan.root.is_index
        assert json.loads(raw(name("oci", "to")))["mediaType"] == OCI_MANIFEST

    @pytest.mark.parametrize(
        ("what", "error", "why"),
        [
            (CopyOptions(unwrap=True), UsageError, "holds 3 images .*; name one with --platform"),
            (CopyOptions(platforms=(S390X,)), NotFoundError, "has no image for linux/s390x; it has"),
            (
                CopyOptions(platforms=(S390X,), unwrap=True),
                NotFoundError,
                "has no image for linux/s390x",
            ),
            (CopyOptions(platforms=(ARM64, AMD64), unwrap=True), UsageError, "holds 2 images"),
        ],
    )
    async def test_what_is_not_there_or_not_one_is_said(
        self, what: CopyOptions, error: type[Exception], why: str, name: Name, stores: Stores
    ) -> None:
        with pytest.raises(error, match=why):
            await copy(CopyRequest.parse(f"oci-archive:{BUILT}", name("oci", "to"), options=what), stores)

    async def test_a_single_image_of_another_platform_is_refused(self, name: Name, stores: Stores) -> None:
        source = f"oci-archive:{FIXTURES}/buildx/amd64.oci.tar"
        with pytest.raises(NotFoundError, match="is an image for linux/amd64, not for linux/arm64"):
            await copy(CopyRequest.parse(source, name("oci", "to"), options=CopyOptions(platforms=(ARM64,))), stores)


class TestWhatNobodyKnows:
    async def test_lists_within_lists_arrive(
        self, debian_registry: RunningRegistry, repository: str, name: Name, stores: Stores, tmp_path: Path
    ) -> None:
        def row(digest: str, **fields: Any) -> dict[str, Any]:
            return entry(digest, len(raw(f"{debian_registry.host}/{repository}@{digest}")), **fields)

        image = push_image(debian_registry, repository, "image")
        inner = push_index(debian_registry, repository, "inner", [row(image)])
        push_index(debian_registry, repository, "1.0", [row(inner, mediaType=OCI_INDEX), row(image)])
        for target in TARGETS:
            goal = Reference.parse(name(target, "to"))
            await copy(CopyRequest.parse(f"{debian_registry.host}/{repository}:1.0", str(goal)), stores)

            assert (await stores.at(goal.place).manifest(Digest.parse(inner))).is_index
            assert not (await stores.at(goal.place).manifest(Digest.parse(image))).is_index

    async def test_an_artifact_of_unknown_types_arrives(
        self, registry: RunningRegistry, repository: str, name: Name, stores: Stores
    ) -> None:
        push_image(registry, repository, "1.0", config_type="application/vnd.unheard.of.config+json")
        await copy(CopyRequest.parse(f"{registry.host}/{repository}:1.0", name("oci-archive", "to")), stores)

        expected = raw(f"{registry.host}/{repository}:1.0")
        goal = Reference.parse(name("oci-archive", "to"))
        assert await content(stores.at(goal.place), goal) == expected

    async def test_layers_that_must_not_be_handed_on_stay_named(
        self, embedded_registry: RunningRegistry, repository: str, name: Name, stores: Stores
    ) -> None:
        foreign = {
            "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            "digest": f"sha256:{'f' * 64}",
            "size": 1234,
            "urls": ["https://example.com/layer"],
        }
        push_image(embedded_registry, repository, "base")
        base: dict[str, Any] = json.loads(raw(f"{embedded_registry.host}/{repository}:base"))
        push_document(embedded_registry, repository, "1.0", {**base, "layers": [foreign, *base["layers"]]})
        done = await copy(CopyRequest.parse(f"{embedded_registry.host}/{repository}:1.0", name("oci", "to")), stores)

        assert done.plan.root.as_image().layers[0].urls == foreign["urls"]
        assert foreign["digest"] not in {str(move.blob.digest) for move in done.plan.blobs}

    async def test_a_registry_that_does_not_allow_such_layers_says_which(
        self, debian_registry: RunningRegistry, embedded_registry: RunningRegistry, repository: str
    ) -> None:
        layer = f"sha256:{'f' * 64}"
        push_image(embedded_registry, repository, "base")
        base: dict[str, Any] = json.loads(raw(f"{embedded_registry.host}/{repository}:base"))
        foreign = {"mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar", "digest": layer, "size": 1}
        foreign["urls"] = ["https://example.com/layer"]
        push_document(embedded_registry, repository, "1.0", {**base, "layers": [foreign]})
        source, target = (f"{running.host}/{repository}:1.0" for running in (embedded_registry, debian_registry))
        async with Stores(clock=VirtualClock()) as stores:
            with pytest.raises(RegtoolError, match=f"MANIFEST_BLOB_UNKNOWN: blob unknown to registry {layer}"):
                await copy(CopyRequest.parse(source, target), stores)

    @pytest.mark.parametrize("is_there", [True, False])
    async def test_layers_of_that_kind_that_no_address_is_given_for_are_handed_on_if_they_are_there(
        self, is_there: bool, embedded_registry: RunningRegistry, repository: str, name: Name, stores: Stores
    ) -> None:
        push_image(embedded_registry, repository, "base", layer=b"kept")
        base: dict[str, Any] = json.loads(raw(f"{embedded_registry.host}/{repository}:base"))
        kept = {**base["layers"][0], "mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar"}
        gone = {**kept, "digest": f"sha256:{'f' * 64}"}
        push_document(embedded_registry, repository, "1.0", {**base, "layers": [kept if is_there else gone]})
        goal = name("oci", "to")
        done = await copy(CopyRequest.parse(f"{embedded_registry.host}/{repository}:1.0", goal), stores)

        layer = done.plan.root.as_image().layers[0]
        assert await stores.at(Reference.parse(goal).place).has_blob(layer) == is_there


class TestOtherDigests:
    @pytest.fixture
    async def source(self, stores: Stores, tmp_path: Path) -> str:
        """An image that is SHA-512 throughout, in a layout."""
        place = Reference.parse(f"oci:{tmp_path}/sha512:1.0")
        store, parts = stores.at(place.place), []
        for media_type, part in ((OCI_CONFIG, b'{"os":"linux","architecture":"amd64"}'), (OCI_LAYER, b"layer")):
            parts.append(Descriptor.of(media_type, Digest.of(part, "sha512"), len(part)))
            await store.put_blob(parts[-1], content_of(part))
        document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST}
        document |= {"config": parts[0].as_json(), "layers": [parts[1].as_json()]}
        whole = json.dumps(document).encode()
        await store.tag(Manifest.received(whole, OCI_MANIFEST, "image", Digest.of(whole, "sha512")), Tag("1.0"))
        return str(place)

    @pytest.mark.parametrize("target", ["embedded_registry", "oci", "oci-archive"])
    async def test_stay_as_they_are(self, source: str, target: str, name: Name, stores: Stores) -> None:
        request = CopyRequest.parse(source, name(target, "to"))
        done = await copy(request, stores)
        found = await stores.at(request.target).manifest(Tag("1.0"))

        assert found.digest == done.plan.root.digest
        assert found.digest.algorithm == "sha512"
        assert (await plan_copy(request, stores)).plan.writes_nothing

    async def test_get_no_tag_where_a_registry_would_put_it_on_another(
        self, embedded_registry: RunningRegistry, repository: str, source: str, stores: Stores
    ) -> None:
        async def without_tag(seen: Seen, forward: Forward) -> Reply:
            return (await forward(replace(seen, target=seen.path))).encode()

        async with FaultyProxy(embedded_registry.host) as proxy:
            proxy.on("PUT .*tag=", without_tag)
            with pytest.raises(ConflictError, match="this registry puts no tag on sha512 digests"):
                await copy(CopyRequest.parse(source, f"{proxy.host}/{repository}:1.0"), stores)
        target = Reference.parse(f"{embedded_registry.host}/{repository}:1.0")
        with pytest.raises(NotFoundError):
            await stores.at(target.place).resolve(target.selector)


class TestEveryTag:
    async def test_is_copied_in_one_go(
        self, registry: RunningRegistry, repository: str, name: Name, stores: Stores, tmp_path: Path
    ) -> None:
        digests = {tag: push_image(registry, repository, tag, labels={"tag": tag}) for tag in ("1.0", "1.1", "2.0-rc1")}
        request = CopyAllRequest.parse(f"{registry.host}/{repository}", f"oci-archive:{tmp_path}/all.tar")
        done = [copying async for copying in copy_all(request, stores)]
        target = stores.at(request.target)

        assert sorted(str(copying.plan.root.digest) for copying in done) == sorted(digests.values())
        assert sorted([tag.name async for tag in target.tags()]) == ["1.0", "1.1", "2.0-rc1"]

    @pytest.mark.parametrize(
        ("include", "exclude", "expected"),
        [
            (["1.*"], [], ["1.0", "1.1"]),
            ([], ["*-rc*"], ["1.0", "1.1"]),
            (["*.0*"], ["*-rc*"], ["1.0"]),
            (["x"], [], []),
        ],
    )
    async def test_may_be_chosen_by_pattern(
        self, include: list[str], exclude: list[str], expected: list[str], embedded_registry: RunningRegistry,
        repository: str, stores: Stores, tmp_path: Path,
    ) -> None:  # fmt: skip
        for tag in ("1.0", "1.1", "2.0-rc1"):
            push_image(embedded_registry, repository, tag)
        request = CopyAllRequest.parse(
            f"{embedded_registry.host}/{repository}", f"oci:{tmp_path}/all", include=include, exclude=exclude
        )

        assert sorted([copying.plan.tags[0].tag.name async for copying in copy_all(request, stores)]) == expected

    def test_needs_two_places(self) -> None:
        with pytest.raises(UsageError, match="is its own target"):
            CopyAllRequest.parse("localhost:5000/app", "localhost:5000/app")
        with pytest.raises(UsageError, match="docker archives are only read"):
            CopyAllRequest.parse("localhost:5000/app", "docker-archive:app.tar")


class TestContent:
    async def test_that_was_altered_is_noticed_and_no_tag_is_written(
        self, name: Name, stores: Stores, registry: RunningRegistry, repository: str, tmp_path: Path
    ) -> None:
        (tmp_path / "bad.tar").write_bytes(BUILT.read_bytes().replace(b"APP_ARCH=arm64", b"APP_ARCH=ARM64"))
        goal = f"{registry.host}/{repository}:1.0"

        with pytest.raises(ContentError, match="does not match its digest"):
            await copy(CopyRequest.parse(f"oci-archive:{tmp_path}/bad.tar", goal), stores)
        with pytest.raises(NotFoundError):
            await stores.at(Reference.parse(goal).place).resolve(Reference.parse(goal).selector)

    async def test_that_was_altered_leaves_an_archive_as_it_was(
        self, name: Name, stores: Stores, tmp_path: Path
    ) -> None:
        (tmp_path / "bad.tar").write_bytes(BUILT.read_bytes().replace(b"APP_ARCH=arm64", b"APP_ARCH=ARM64"))
        shutil.copy(FIXTURES / "buildx" / "amd64.oci.tar", tmp_path / "to.tar")
        before = (tmp_path / "to.tar").read_bytes()

        with pytest.raises(ContentError):
            await copy(CopyRequest.parse(f"oci-archive:{tmp_path}/bad.tar", f"oci-archive:{tmp_path}/to.tar"), stores)
        assert (tmp_path / "to.tar").read_bytes() == before


class TestWords:
    @pytest.mark.parametrize(
        ("source", "target", "more", "expected"),
        [
            ("oci:{0}/one:1.0", "oci:{0}/to", [], ["1.0"]),
            ("oci:{0}/one:1.0", "oci:{0}/to:2.0", [], ["2.0"]),
            ("oci:{0}/one:1.0", "oci:{0}/to", ["2.0"], ["1.0", "2.0"]),
            ("oci:{0}/one", "oci-archive:{0}/to.tar", [], ["1.0", "stable"]),
            ("oci:{0}/one", "oci:{0}/to", ["2.0"], ["1.0", "2.0", "stable"]),
            ("oci:{0}/untagged", "oci:{0}/to", [], ["latest"]),
            ("oci-archive:{1}:docker.io/demo/java-multi-arch-demo:1.0-amd64", "oci:{0}/to", [], ["1.0-amd64"]),
            ("docker-archive:{2}", "oci:{0}/to", [], ["1.0-amd64"]),
        ],
    )
    async def test_an_image_keeps_its_tag_in_files(
        self, source: str, target: str, more: list[str], expected: list[str], stores: Stores, tmp_path: Path
    ) -> None:
        built = FIXTURES / "buildx"
        await copy(CopyRequest.parse(f"oci-archive:{BUILT}", f"oci:{tmp_path}/one:1.0", tags=["stable"]), stores)
        whole = await stores.at(Layout(tmp_path / "one")).manifest(Tag("1.0"))
        shutil.copytree(tmp_path / "one", tmp_path / "untagged")
        entries = json.dumps({"schemaVersion": 2, "manifests": [whole.descriptor.as_json()]})
        (tmp_path / "untagged" / "index.json").write_text(entries)
        words = [
            word.format(tmp_path, built / "amd64.oci.tar", built / "amd64.docker.tar") for word in (source, target)
        ]
        request = CopyRequest.parse(words[0], words[1], tags=more)
        await copy(request, stores)

        assert sorted([tag.name async for tag in stores.at(request.target).tags()]) == expected

    def test_a_registry_is_named_as_everywhere(self) -> None:
        assert [tag.name for tag in CopyRequest.parse("oci:one:1.0", "localhost:5000/app").tags] == ["latest"]

    def test_more_tags_come_behind_the_first(self) -> None:
        request = CopyRequest.parse("oci:one:1.0", "localhost:5000/app:1.0", tags=["latest", "1.0"])

        assert [tag.name for tag in request.tags] == ["1.0", "latest"]


async def test_a_copy_within_a_registry_that_mounts_nothing_does_not_wait_for_itself(
    embedded_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    """Each upload holds a connection while it waits for a download from the same host, with one of each allowed."""
    source = push_image(embedded_registry, repository, "1.0", layer=b"x" * 300_000)
    settings = Settings(concurrency=1)
    async with Stores(settings) as narrow:
        place = Reference.parse(f"{embedded_registry.host}/{repository}:1.0").place
        target = Reference.parse(f"{embedded_registry.host}/{repository}/copy:1.0").place
        narrow.expect(writes=[target], reads=[place])
        manifest = await narrow.at(place).manifest(Digest.parse(source))
        for blob in manifest.as_image().blobs:
            await narrow.at(target).put_blob(blob, lambda blob=blob: narrow.at(place).blob(blob))  # type: ignore[misc]

            assert await narrow.at(target).has_blob(blob)
