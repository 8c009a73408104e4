"""`diff`: two names platform by platform, on real registries."""

import pytest

from regtool import Digest, NotFoundError, Reference, Repository, Stores, diff
from regtool.planning.difference import Change
from tests.images import entry, push_image, push_index
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry

AMD64 = {"os": "linux", "architecture": "amd64"}


async def compared(stores: Stores, one: str, two: str) -> list[tuple[str, Change]]:
    found = await diff(Reference.parse(one), Reference.parse(two), stores)
    return [(str(pair.platform), pair.kind) for pair in found.pairs]


async def test_platforms_are_same_added_and_removed(registry: RunningRegistry, repository: str, stores: Stores) -> None:
    registry.push("multi.attested.oci.tar", repository, "three")
    registry.push("amd64.attested.oci.tar", repository, "one")
    three, one = f"{registry.host}/{repository}:three", f"{registry.host}/{repository}:one"

    assert await compared(stores, three, one) == [
        ("linux/amd64", Change.SAME),
        ("linux/arm64", Change.REMOVED),
        ("linux/arm/v7", Change.REMOVED),
    ]
    assert (await compared(stores, one, three))[1:] == [("linux/arm64", Change.ADDED), ("linux/arm/v7", Change.ADDED)]


async def test_a_single_image_is_compared_with_its_platform_in_a_list(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    registry.push("amd64.oci.tar", repository, "single")
    registry.push("amd64.attested.oci.tar", repository, "list")
    name = f"{registry.host}/{repository}"

    assert await compared(stores, f"{name}:single", f"{name}:list") == [("linux/amd64", Change.SAME)]


async def test_what_changed_has_sizes_layers_and_labels(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    push_image(registry, repository, "1.0", labels={"v": "1", "kept": "x", "old": "y"})
    push_image(registry, repository, "1.1", labels={"v": "2", "kept": "x"})
    push_image(registry, repository, "1.2", layer=b"another layer")
    name = f"{registry.host}/{repository}"

    (pair,) = (await diff(Reference.parse(f"{name}:1.0"), Reference.parse(f"{name}:1.1"), stores)).pairs
    (other,) = (await diff(Reference.parse(f"{name}:1.0"), Reference.parse(f"{name}:1.2"), stores)).pairs

    assert pair.kind is Change.CHANGED
    assert pair.labels == {"old": ("y", None), "v": ("1", "2")}
    assert (pair.shared, other.shared) == (1, 0)
    assert pair.before
    assert other.after
    assert other.after.size != pair.before.size


async def test_annotations_that_differ_are_told_beside_images_that_do_not(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    name, image = f"{registry.host}/{repository}", push_image(registry, repository, "image")
    row = entry(image, len(skopeo_inspect_raw(f"{name}:image")), AMD64)
    for tag in ("1.0", "1.1"):
        push_index(registry, repository, tag, [row], annotations={"version": tag})
    found = await diff(Reference.parse(f"{name}:1.0"), Reference.parse(f"{name}:1.1"), stores)

    assert found.same
    assert [(one.what, one.before, one.after) for one in found.remarks] == [("annotation version", "1.0", "1.1")]


async def test_a_missing_image_is_said_to_be_missing(
    debian_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    digest = push_image(debian_registry, repository, "of")
    name = f"{debian_registry.host}/{repository}"
    push_index(debian_registry, repository, "1.0", [entry(digest, len(skopeo_inspect_raw(f"{name}:of")), AMD64)])
    debian_registry.push("amd64.attested.oci.tar", repository, "1.1")
    one = Reference.parse(f"{name}:1.0")
    await stores.at(Repository(debian_registry.host, repository)).delete_manifest(Digest.parse(digest))

    (pair,) = (await diff(one, Reference.parse(f"{name}:1.1"), stores)).pairs

    assert pair.before
    assert pair.after
    assert (pair.before.missing, pair.after.missing) == (True, False)


async def test_a_name_that_is_not_there_is_an_error(registry: RunningRegistry, repository: str, stores: Stores) -> None:
    registry.push("amd64.oci.tar", repository, "1.0")
    with pytest.raises(NotFoundError):
        await compared(stores, f"{registry.host}/{repository}:1.0", f"{registry.host}/{repository}:2.0")
