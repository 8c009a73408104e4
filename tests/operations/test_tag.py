"""`tag` and `ls`: further names, byte for byte, and all the names there are."""

from pathlib import Path

import pytest

from regtool import ConflictError, Repository, Stores, TagRequest, UsageError, list_platforms, list_tags, tag
from regtool.planning.guards import Guards, Seen
from tests.images import push_image
from tests.judges import answer_of, skopeo_inspect_raw
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
    plans = await tag(TagRequest.parse(f"{registry.host}/{repository}:1.0", ["1.0"]), stores)

    assert all(plan.writes_nothing for plan in plans)
    assert "PUT" not in {one.method for one in registry.requests_since(mark)}


@pytest.mark.parametrize("new", ["", "-x", "a:b:c", "localhost:5000/app@sha256:" + "0" * 64])
def test_what_is_no_tag_is_refused(new: str) -> None:
    with pytest.raises(UsageError):
        TagRequest.parse("localhost:5000/app:1.0", [new])


async def test_tags_in_other_repositories_get_all_that_they_need(
    registry: RunningRegistry, repository: str, stores: Stores, tmp_path: Path
) -> None:
    registry.push("multi.attested.oci.tar", repository, "1.0")
    name = f"{registry.host}/{repository}"
    others = [f"{name}-mirror:1.0", f"{name}-mirror:latest", f"{name}-other:1.0"]
    await tag(TagRequest.parse(f"{name}:1.0", ["stable", *others]), stores)

    for new in (f"{name}:stable", *others):
        assert skopeo_inspect_raw(new) == skopeo_inspect_raw(f"{name}:1.0")
    answer_of("skopeo", "copy", "--all", "--src-tls-verify=false", f"docker://{others[0]}", f"oci:{tmp_path}/whole")


class TestGuards:
    async def test_a_tag_does_not_lose_a_platform_unless_it_may(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        name = f"{registry.host}/{repository}"
        registry.push("multi.attested.oci.tar", repository, "1.0")
        registry.push("amd64.oci.tar", repository, "single")
        with pytest.raises(ConflictError, match=r"would lose linux/arm64, linux/arm/v7, which it has now"):
            await tag(TagRequest.parse(f"{name}:single", ["1.0"]), stores)
        await tag(TagRequest.parse(f"{name}:single", ["1.0"], guards=Guards(allow_shrink=True)), stores)

        assert skopeo_inspect_raw(f"{name}:1.0") == skopeo_inspect_raw(f"{name}:single")

    async def test_of_many_tags_none_moves_if_one_is_guarded(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        name = f"{registry.host}/{repository}"
        registry.push("multi.attested.oci.tar", repository, "1.0")
        registry.push("amd64.oci.tar", repository, "single")
        with pytest.raises(ConflictError):
            await tag(TagRequest.parse(f"{name}:single", ["new", "1.0"]), stores)

        assert {found.name async for found in list_tags(Repository.parse(name), stores)} == {"1.0", "single"}

    async def test_a_tag_moves_only_from_what_was_seen(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        name = f"{registry.host}/{repository}"
        seen = push_image(registry, repository, "1.0", layer=b"old")
        push_image(registry, repository, "next", layer=b"new")
        for guard, said in (("absent", "not absent"), (f"sha256:{'0' * 64}", "not sha256:0000")):
            request = TagRequest.parse(f"{name}:next", ["1.0"], guards=Guards(if_digest=Seen.parse(guard)))
            with pytest.raises(ConflictError, match=said):
                await tag(request, stores)
        await tag(TagRequest.parse(f"{name}:next", ["1.0"], guards=Guards(if_digest=Seen.parse(seen))), stores)

        assert skopeo_inspect_raw(f"{name}:1.0") == skopeo_inspect_raw(f"{name}:next")

    async def test_a_tag_does_not_go_back(self, registry: RunningRegistry, repository: str, stores: Stores) -> None:
        name = f"{registry.host}/{repository}"
        for version in ("1.9", "1.10"):
            labels = {"org.opencontainers.image.version": version}
            push_image(registry, repository, version, labels=labels, layer=version.encode())
        newer = Guards(not_older=True)
        await tag(TagRequest.parse(f"{name}:1.9", ["latest"], guards=newer), stores)
        await tag(TagRequest.parse(f"{name}:1.10", ["latest"], guards=newer), stores)
        with pytest.raises(ConflictError, match=r"is at version 1.10, newer than 1.9"):
            await tag(TagRequest.parse(f"{name}:1.9", ["latest"], guards=newer), stores)

    async def test_an_artifact_can_be_tagged(self, registry: RunningRegistry, repository: str, stores: Stores) -> None:
        chart = "application/vnd.cncf.helm.config.v1+json"
        for version in ("a", "b"):
            push_image(registry, repository, version, config_type=chart, layer=version.encode())
        name = f"{registry.host}/{repository}"
        for version in ("a", "b"):
            await tag(TagRequest.parse(f"{name}:{version}", ["chart"]), stores)

        assert skopeo_inspect_raw(f"{name}:chart") == skopeo_inspect_raw(f"{name}:b")


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
