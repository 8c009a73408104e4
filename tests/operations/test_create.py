"""`create` on real registries: what goes in, what comes out, and what it costs."""

import itertools
import json

import pytest

from regtool import (
    Attestations,
    ConflictError,
    ContentError,
    CreateRequest,
    Creation,
    Digest,
    ListType,
    NotFoundError,
    Platform,
    Repository,
    Shape,
    Stores,
    UsageError,
    create,
    plan_create,
    publish,
)
from regtool.operations.events import Event, Note
from tests.images import OCI_INDEX, entry, push_image, push_index
from tests.judges import docker_manifest_create, docker_manifest_inspect, skopeo_inspect_raw
from tests.registries import RunningRegistry

AMD64 = "1.0-x86_64"
ARM64 = "1.0-aarch64"


@pytest.fixture
def attested(registry: RunningRegistry, repository: str) -> str:
    """A repository with the two attested builds of the fixtures, as two runners push them."""
    registry.push("amd64.attested.oci.tar", repository, AMD64)
    registry.push("arm64.attested.oci.tar", repository, ARM64)
    return f"{registry.host}/{repository}"


def request(name: str, *sources: str, tags: tuple[str, ...] = (), **shape: object) -> CreateRequest:
    return CreateRequest.parse(f"{name}:1.0", [_full(name, s) for s in sources], tags=tags, shape=Shape(**shape))  # type: ignore[arg-type]


def platforms(creation: Creation) -> list[str]:
    return [str(member.platform) for member in creation.members]


def _full(name: str, source: str) -> str:
    return source if "/" in source.partition("=")[0] or source.startswith("sha256:") else f"{name}:{source}"


class TestMergingAttestedBuilds:
    async def test_flattens_both_and_keeps_each_attestation_behind_its_image(
        self, attested: str, stores: Stores
    ) -> None:
        creation = await create(request(attested, AMD64, ARM64), stores)

        written = json.loads(skopeo_inspect_raw(f"{attested}:1.0"))
        rows = written["manifests"]
        assert [row["platform"]["architecture"] for row in rows] == ["amd64", "unknown", "arm64", "unknown"]
        assert rows[1]["annotations"]["vnd.docker.reference.digest"] == rows[0]["digest"]
        assert rows[3]["annotations"]["vnd.docker.reference.digest"] == rows[2]["digest"]
        assert written["mediaType"] == creation.plan.root.media_type == OCI_INDEX

    async def test_is_what_docker_reads_and_what_docker_itself_refuses_to_make(
        self, attested: str, stores: Stores
    ) -> None:
        refused = docker_manifest_create(f"{attested}:by-docker", f"{attested}:{AMD64}", f"{attested}:{ARM64}")
        await create(request(attested, AMD64, ARM64), stores)

        assert b"is a manifest list" in refused.stderr
        seen = docker_manifest_inspect(f"{attested}:1.0")["manifests"]
        assert [row["platform"]["architecture"] for row in seen] == ["amd64", "unknown", "arm64", "unknown"]

    async def test_gives_the_same_bytes_in_whatever_order_the_sources_come(self, attested: str, stores: Stores) -> None:
        digests = set()
        for sources in itertools.permutations((AMD64, ARM64)):
            creation = await plan_create(request(attested, *sources), stores)
            digests.add(creation.plan.root.digest)

        assert len(digests) == 1

    async def test_keeps_the_order_given_if_asked(self, attested: str, stores: Stores) -> None:
        creation = await plan_create(request(attested, ARM64, AMD64, keep_order=True), stores)

        assert platforms(creation) == ["linux/arm64", "linux/amd64"]

    async def test_drops_attestations_if_asked(self, attested: str, stores: Stores) -> None:
        creation = await plan_create(request(attested, AMD64, ARM64, attestations=Attestations.DROP), stores)

        assert len(creation.plan.root.as_index().manifests) == 2

    async def test_keeps_only_the_platforms_named_and_their_attestations(self, attested: str, stores: Stores) -> None:
        only = (Platform.parse("aarch64"),)
        creation = await plan_create(request(attested, AMD64, ARM64, platforms=only), stores)

        assert platforms(creation) == ["linux/arm64"]
        assert len(creation.plan.root.as_index().manifests) == 2


class TestWriting:
    async def test_a_second_run_writes_nothing(self, registry: RunningRegistry, attested: str, stores: Stores) -> None:
        await create(request(attested, AMD64, ARM64), stores)
        mark = registry.mark()
        again = await create(request(attested, ARM64, AMD64), stores)

        assert again.plan.writes_nothing
        assert {asked.method for asked in registry.requests_since(mark)} == {"GET"}

    async def test_writes_every_tag_in_the_order_given(
        self, registry: RunningRegistry, attested: str, stores: Stores
    ) -> None:
        creation = await create(request(attested, AMD64, tags=("1", "latest", "1")), stores)

        for tag in ("1.0", "1", "latest"):
            assert skopeo_inspect_raw(f"{attested}:{tag}") == creation.plan.root.content
        assert [move.tag.name for move in creation.plan.tags] == ["1.0", "1", "latest"]

    async def test_remembers_what_the_tag_was(self, attested: str, stores: Stores) -> None:
        first = await create(request(attested, AMD64), stores)
        second = await create(request(attested, AMD64, ARM64), stores)

        (move,) = second.plan.tags
        assert move.was == first.plan.root.digest
        assert [(str(c.platform), c.kind.value) for c in second.changes] == [
            ("linux/amd64", "same"),
            ("linux/arm64", "added"),
        ]

    async def test_a_plan_alone_writes_nothing(self, registry: RunningRegistry, attested: str, stores: Stores) -> None:
        mark = registry.mark()
        await plan_create(request(attested, AMD64, ARM64), stores)

        assert {asked.method for asked in registry.requests_since(mark)} == {"GET"}


class TestRequests:
    @pytest.mark.parametrize("count", [1, 2, 8])
    async def test_one_create_of_n_images_is_n_reads_n_configs_one_look_one_write_one_read_back(
        self, registry: RunningRegistry, repository: str, stores: Stores, count: int
    ) -> None:
        architectures = ["amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "loong64"][:count]
        for name in architectures:
            push_image(registry, repository, name, config={"architecture": name})
        mark = registry.mark()
        await create(request(f"{registry.host}/{repository}", *architectures), stores)

        asked = registry.requests_since(mark)
        path = f"/v2/{repository}"
        assert sum(a.method == "GET" and a.path.startswith(f"{path}/blobs/") for a in asked) == count
        assert [a for a in asked if a.method not in ("GET", "PUT")] == []
        assert [str(a) for a in asked if a.path.endswith("/manifests/1.0")] == [
            f"GET {path}/manifests/1.0 404",
            f"PUT {path}/manifests/1.0 201",
            f"GET {path}/manifests/1.0 200",
        ]
        assert len(asked) == 2 * count + 3

    async def test_attested_builds_need_no_configs(
        self, registry: RunningRegistry, attested: str, stores: Stores
    ) -> None:
        mark = registry.mark()
        await create(request(attested, AMD64, ARM64), stores)

        assert len(registry.requests_since(mark)) == 2 + 3


class TestSources:
    async def test_a_bare_digest_is_in_the_repository_of_the_target(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        digest = registry.push("arm64.oci.tar", repository, "any")
        creation = await create(request(f"{registry.host}/{repository}", digest), stores)

        assert platforms(creation) == ["linux/arm64"]
        assert str(creation.members[0].digest) == digest

    async def test_images_of_another_repository_are_mounted_with_all_that_belongs_to_them(
        self, registry: RunningRegistry, attested: str, stores: Stores
    ) -> None:
        elsewhere = f"{attested}-merged"
        creation = await create(request(elsewhere, f"{attested}:{AMD64}", f"{attested}:{ARM64}"), stores)

        assert skopeo_inspect_raw(f"{elsewhere}:1.0") == creation.plan.root.content
        for row in creation.plan.root.as_index().manifests:
            assert skopeo_inspect_raw(f"{elsewhere}@{row.digest}")

    async def test_attestations_of_one_image_come_from_wherever_they_are(
        self, debian_registry: RunningRegistry, embedded_registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        """The same image was built twice; each build has attested to it, and lies in a registry of its own."""
        debian_registry.push("amd64.attested.oci.tar", repository, "one")
        embedded_registry.push("multi.attested.oci.tar", repository, "two")
        sources = [f"{debian_registry.host}/{repository}:one", f"{embedded_registry.host}/{repository}:two"]
        for running in (debian_registry, embedded_registry):
            name = f"{running.host}/{repository}"
            creation = await create(CreateRequest.parse(f"{name}:1.0", sources), stores)

            assert [len(member.attestations) for member in creation.members] == [2, 1, 1]
            for row in creation.plan.root.as_index().manifests:
                assert skopeo_inspect_raw(f"{name}@{row.digest}")

    async def test_what_the_target_has_already_is_not_moved_again(
        self, registry: RunningRegistry, attested: str, stores: Stores
    ) -> None:
        elsewhere = f"{attested}-merged"
        sources = (f"{attested}:{AMD64}", f"{attested}:{ARM64}")
        await create(request(elsewhere, *sources), stores)
        again = await plan_create(request(elsewhere, *sources), stores)

        assert (again.plan.blobs, again.plan.children) == ((), ())

    async def test_nested_lists_are_flattened(self, registry: RunningRegistry, repository: str, stores: Stores) -> None:
        inner = registry.push("multi.attested.oci.tar", repository, "inner")
        push_index(registry, repository, "outer", [entry(inner, 2382, mediaType=OCI_INDEX)])
        creation = await create(request(f"{registry.host}/{repository}", "outer"), stores)

        assert platforms(creation) == ["linux/amd64", "linux/arm64", "linux/arm/v7"]
        assert [len(member.attestations) for member in creation.members] == [1, 1, 1]

    async def test_docker_images_give_a_docker_manifest_list(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        for name in ("amd64", "arm64", "armv7"):
            registry.push(f"{name}.docker-mediatypes.oci.tar", repository, name)
        creation = await create(request(f"{registry.host}/{repository}", "armv7", "arm64", "amd64"), stores)

        assert creation.plan.root.media_type == "application/vnd.docker.distribution.manifest.list.v2+json"
        assert platforms(creation) == ["linux/amd64", "linux/arm64", "linux/arm/v7"]

    async def test_the_configuration_gives_every_part_of_the_platform(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        config = {"os": "windows", "os.version": "10.0.20348.2402", "os.features": ["win32k"]}
        push_image(registry, repository, "windows", config=config)
        creation = await create(request(f"{registry.host}/{repository}", "windows"), stores)

        written = json.loads(skopeo_inspect_raw(f"{registry.host}/{repository}:1.0"))
        assert written["manifests"][0]["platform"] == {"architecture": "amd64", **config}
        assert platforms(creation) == ["windows(10.0.20348.2402+win32k)/amd64"]

    async def test_the_user_may_say_for_which_platform_an_image_is(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        push_image(registry, repository, "mislabelled", config={"architecture": "amd64"})
        creation = await plan_create(request(f"{registry.host}/{repository}", "mislabelled=armv7l"), stores)

        assert platforms(creation) == ["linux/arm/v7"]

    async def test_an_attestation_of_no_image_is_left_out_and_named(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        image = push_image(registry, repository, "image")
        orphan = push_image(registry, repository, "orphan", layer=b"provenance")
        notes = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": orphan}
        nobody = {"os": "unknown", "architecture": "unknown"}
        linux = {"os": "linux", "architecture": "amd64"}
        rows = [entry(image, _size(registry, repository, "image"), linux)]
        rows += [entry(orphan, _size(registry, repository, "orphan"), nobody, annotations=notes)]
        push_index(registry, repository, "index", rows)
        heard: list[Event] = []
        creation = await plan_create(request(f"{registry.host}/{repository}", "index"), stores, heard.append)

        assert len(creation.plan.root.as_index().manifests) == 1
        assert any(isinstance(event, Note) and orphan in event.text for event in heard)


class TestRefusals:
    async def test_two_images_for_one_platform_are_named_both(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        push_image(registry, repository, "a", config={"architecture": "arm64"})
        push_image(registry, repository, "b", config={"architecture": "arm64", "variant": "v8"}, layer=b"other")
        with pytest.raises(ConflictError) as refused:
            await create(request(f"{registry.host}/{repository}", "a", "b"), stores)

        assert f"{repository}:a" in str(refused.value)
        assert f"{repository}:b" in str(refused.value)

    async def test_a_source_that_is_missing_is_named(self, attested: str, stores: Stores) -> None:
        with pytest.raises(NotFoundError, match=f"{attested}:nope: .*regtool ls {attested}"):
            await create(request(attested, AMD64, "nope"), stores)

    async def test_a_docker_list_of_oci_images(self, attested: str, stores: Stores) -> None:
        with pytest.raises(ContentError, match="cannot hold.*--type oci"):
            await create(request(attested, AMD64, type=ListType.DOCKER), stores)

    async def test_an_annotation_on_a_docker_list(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        registry.push("amd64.docker-mediatypes.oci.tar", repository, "amd64")
        with pytest.raises(UsageError, match="no annotations.*--type oci"):
            await create(request(f"{registry.host}/{repository}", "amd64", annotations={"a": "b"}), stores)

    async def test_an_artifact_is_no_image(self, registry: RunningRegistry, repository: str, stores: Stores) -> None:
        push_image(registry, repository, "chart", config_type="application/vnd.cncf.helm.config.v1+json")
        with pytest.raises(ContentError, match=r"is no image.*helm"):
            await create(request(f"{registry.host}/{repository}", "chart"), stores)

    async def test_a_platform_that_no_source_has(self, attested: str, stores: Stores) -> None:
        with pytest.raises(UsageError, match="linux/s390x.*no source has it"):
            await create(request(attested, AMD64, platforms=(Platform.parse("s390x"),)), stores)

    async def test_one_platform_for_a_source_of_several(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        registry.push("multi.attested.oci.tar", repository, "multi")
        with pytest.raises(UsageError, match="holds 3 images"):
            await create(request(f"{registry.host}/{repository}", "multi=linux/amd64"), stores)

    @pytest.mark.parametrize("target", ["app@sha256:" + "0" * 64, "app:1@sha256:" + "0" * 64])
    def test_a_target_by_digest(self, target: str) -> None:
        with pytest.raises(UsageError, match="a target is a tag"):
            CreateRequest.parse(f"localhost:5000/{target}", ["localhost:5000/app:2"])

    async def test_an_image_that_vanished_since_the_plan_stops_it_before_the_tag_moves(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        before = await create(request(f"{registry.host}/{repository}", push_image(registry, repository, "one")), stores)
        vanishing = push_image(registry, repository, "two", config={"architecture": "arm64"})
        creation = await plan_create(request(f"{registry.host}/{repository}", "one", "two"), stores)
        await stores.at(Repository.parse(f"{registry.host}/{repository}")).delete_manifest(Digest.parse(vanishing))

        with pytest.raises(ConflictError, match=vanishing):
            await publish(creation.plan, stores)
        assert skopeo_inspect_raw(f"{registry.host}/{repository}:1.0") == before.plan.root.content


def _size(registry: RunningRegistry, repository: str, tag: str) -> int:
    return len(skopeo_inspect_raw(f"{registry.host}/{repository}:{tag}"))
