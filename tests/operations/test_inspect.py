"""`inspect` and `resolve`: what a name stands for, on real registries."""

import pytest

from regtool import ContentError, NotFoundError, Platform, Reference, Stores, inspect, inspect_platform, resolve
from regtool.operations.inspect import read
from tests.images import OCI_INDEX, entry, push_image, push_index
from tests.judges import docker_manifest_inspect, skopeo_inspect_raw
from tests.registries import RunningRegistry


@pytest.fixture
def multi(registry: RunningRegistry, repository: str) -> Reference:
    """Three platforms, each with an attestation."""
    registry.push("multi.attested.oci.tar", repository, "1.0")
    return Reference.parse(f"{registry.host}/{repository}:1.0")


async def test_a_list_has_a_row_for_each_image_with_its_attestation_and_size(multi: Reference, stores: Stores) -> None:
    found = await inspect(multi, stores)

    assert [str(row.platform) for row in found.rows] == ["linux/amd64", "linux/arm64", "linux/arm/v7"]
    assert [len(row.attestations) for row in found.rows] == [1, 1, 1]
    assert [row.size for row in found.rows] == [1403, 1403, 1407]
    assert found.unpaired == ()


async def test_it_agrees_with_docker_and_skopeo(multi: Reference, stores: Stores) -> None:
    found = await inspect(multi, stores)

    assert found.manifest.content == skopeo_inspect_raw(str(multi))
    by_docker = [row["digest"] for row in docker_manifest_inspect(str(multi))["manifests"]]
    assert by_docker == [str(entry.digest) for entry in found.manifest.as_index().manifests]


async def test_a_single_image_has_the_platform_of_its_configuration(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    registry.push("armv7.oci.tar", repository, "1.0")
    found = await inspect(Reference.parse(f"{registry.host}/{repository}:1.0"), stores)

    assert [str(row.platform) for row in found.rows] == ["linux/arm/v7"]


async def test_an_artifact_has_no_platform(registry: RunningRegistry, repository: str, stores: Stores) -> None:
    push_image(registry, repository, "chart", config_type="application/vnd.cncf.helm.config.v1+json")
    found = await inspect(Reference.parse(f"{registry.host}/{repository}:chart"), stores)

    assert [row.platform for row in found.rows] == [None]


async def test_annotations_of_the_list_are_shown(registry: RunningRegistry, repository: str, stores: Stores) -> None:
    push_index(registry, repository, "1.0", [], annotations={"org.opencontainers.image.title": "App"})
    found = await inspect(Reference.parse(f"{registry.host}/{repository}:1.0"), stores)

    assert found.annotations == {"org.opencontainers.image.title": "App"}


async def test_one_platform_comes_with_its_configuration(multi: Reference, stores: Stores) -> None:
    image = await inspect_platform(multi, Platform.parse("aarch64"), stores)

    assert str(image.config.platform) == "linux/arm64"
    assert image.config.created == "2023-11-14T22:13:20Z"
    assert image.config.labels["org.opencontainers.image.title"] == "java-multi-arch-demo"
    assert len(image.manifest.layers) == 1


async def test_a_platform_that_is_not_there_is_told_with_those_that_are(multi: Reference, stores: Stores) -> None:
    with pytest.raises(NotFoundError, match="no image for linux/s390x; it has linux/amd64, linux/arm64, linux/arm/v7"):
        await inspect_platform(multi, Platform.parse("s390x"), stores)


async def test_a_single_image_is_only_for_its_own_platform(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    registry.push("amd64.oci.tar", repository, "1.0")
    reference = Reference.parse(f"{registry.host}/{repository}:1.0")

    assert (await read(reference, stores, Platform.parse("x86_64"))).descriptor.size == 477
    with pytest.raises(NotFoundError, match="is an image for linux/amd64, not for linux/arm64"):
        await read(reference, stores, Platform.parse("arm64"))


class TestResolve:
    async def test_a_tag_costs_one_head(self, registry: RunningRegistry, multi: Reference, stores: Stores) -> None:
        mark = registry.mark()
        digest = await resolve(multi, stores)

        assert str(digest) == "sha256:c89e63242bced3eb13c7dd541ce70b1c53356bf80ec762d252b97de5ce1a1d79"
        assert [asked.method for asked in registry.requests_since(mark)] == ["HEAD"]

    async def test_a_platform_of_a_list_costs_one_get(
        self, registry: RunningRegistry, multi: Reference, stores: Stores
    ) -> None:
        mark = registry.mark()
        digest = await resolve(multi, stores, Platform.parse("linux/arm64/v8"))

        assert str(digest) == "sha256:2ee1c42a23f5a8f1cf6f140faea66a8181a5906cf68715668d05e2283e6026fb"
        assert [asked.method for asked in registry.requests_since(mark)] == ["GET"]

    async def test_a_tag_that_is_missing(self, multi: Reference, stores: Stores) -> None:
        missing = Reference.parse(f"{multi.place}:nope")
        with pytest.raises(NotFoundError, match=f"{missing}: .*404"):
            await resolve(missing, stores)


async def test_an_index_of_images_without_platform_is_shown_as_it_is(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    digest = push_image(registry, repository, "image")
    size = len(skopeo_inspect_raw(f"{registry.host}/{repository}:image"))
    push_index(registry, repository, "1.0", [entry(digest, size)])
    found = await inspect(Reference.parse(f"{registry.host}/{repository}:1.0"), stores)

    assert [row.platform for row in found.rows] == [None]


async def test_a_platform_is_found_in_a_list_within_a_list(
    registry: RunningRegistry, repository: str, stores: Stores, multi: Reference
) -> None:
    size = len(skopeo_inspect_raw(str(multi)))
    place = {"os": "linux", "architecture": "arm64"}
    inner = entry(str(await resolve(multi, stores)), size, place, mediaType=OCI_INDEX)
    push_index(registry, repository, "outer", [inner])
    outer, arm64 = Reference.parse(f"{registry.host}/{repository}:outer"), Platform.parse("arm64")

    assert await resolve(outer, stores, arm64) == await resolve(multi, stores, arm64)
    assert str((await inspect_platform(outer, arm64, stores)).config.platform) == "linux/arm64"


async def test_asking_an_image_for_its_list_is_an_error_of_content(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    registry.push("amd64.oci.tar", repository, "1.0")
    manifest = await read(Reference.parse(f"{registry.host}/{repository}:1.0"), stores)

    with pytest.raises(ContentError, match="is no list of manifests"):
        manifest.as_index()
