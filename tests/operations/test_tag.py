"""`tag` and `ls`: further names, byte for byte, and all the names there are."""

import pytest

from regtool import Repository, Stores, TagRequest, UsageError, list_platforms, list_tags, tag
from tests.images import push_image
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry


async def test_every_new_tag_has_the_bytes_of_the_source(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    registry.push("multi.attested.oci.tar", repository, "1.0.3")
    name = f"{registry.host}/{repository}"
    await tag(TagRequest.parse(f"{name}:1.0.3", ["1.0", f"{name}:latest"]), stores)

    for new in ("1.0", "latest"):
        assert skopeo_inspect_raw(f"{name}:{new}") == skopeo_inspect_raw(f"{name}:1.0.3")


async def test_a_digest_can_be_tagged_and_nothing_is_pulled(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    digest = registry.push("amd64.oci.tar", repository, "any")
    mark = registry.mark()
    await tag(TagRequest.parse(f"{registry.host}/{repository}@{digest}", ["1.0"]), stores)

    asked = registry.requests_since(mark)
    assert not [one for one in asked if "/blobs/" in one.path]
    assert [one.method for one in asked].count("PUT") == 1


async def test_a_tag_that_fits_is_not_written_again(registry: RunningRegistry, repository: str, stores: Stores) -> None:
    registry.push("amd64.oci.tar", repository, "1.0")
    mark = registry.mark()
    plan = await tag(TagRequest.parse(f"{registry.host}/{repository}:1.0", ["1.0"]), stores)

    assert plan.writes_nothing
    assert "PUT" not in {one.method for one in registry.requests_since(mark)}


@pytest.mark.parametrize("new", ["localhost:5000/other:1", "-x", "a:b:c", "localhost:5000/app@sha256:" + "0" * 64])
def test_a_tag_of_another_repository_or_none_at_all_is_refused(new: str) -> None:
    with pytest.raises(UsageError):
        TagRequest.parse("localhost:5000/app:1.0", [new])


async def test_ls_follows_the_registrys_pages_to_the_end(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    for number in range(12):
        push_image(registry, repository, f"v{number:02}", layer=b"same")
    found = [found.name async for found in list_tags(Repository.parse(f"{registry.host}/{repository}"), stores)]

    assert sorted(found) == [f"v{number:02}" for number in range(12)]


async def test_ls_tells_the_platforms_of_lists_and_of_single_images(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    registry.push("multi.attested.oci.tar", repository, "multi")
    registry.push("arm64.oci.tar", repository, "single")
    push_image(registry, repository, "chart", config_type="application/vnd.cncf.helm.config.v1+json")
    listed = list_platforms(Repository.parse(f"{registry.host}/{repository}"), stores)
    found = {entry.tag.name: [str(platform) for platform in entry.platforms] async for entry in listed}

    assert found == {"multi": ["linux/amd64", "linux/arm64", "linux/arm/v7"], "single": ["linux/arm64"], "chart": []}
