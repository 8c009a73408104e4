"""Several tags in several repositories and registries: one list, everywhere or nowhere."""

import pytest

from regtool import CreateRequest, DeniedError, NotFoundError, Reference, Stores, UsageError, create, resolve
from regtool.operations.create_request import parse_targets
from tests.images import push_image
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry


@pytest.fixture
def name(debian_registry: RunningRegistry, repository: str) -> str:
    debian_registry.push("amd64.attested.oci.tar", repository, "amd64")
    debian_registry.push("arm64.attested.oci.tar", repository, "arm64")
    return f"{debian_registry.host}/{repository}"


async def test_one_list_with_all_that_belongs_to_it_in_two_repositories_and_two_registries(
    name: str, embedded_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    elsewhere = f"{embedded_registry.host}/{repository}"
    more = ("latest", f"{name}-mirror:1.0", f"{elsewhere}:1.0", f"{elsewhere}:latest")
    request = CreateRequest.parse(f"{name}:1.0", [f"{name}:amd64", f"{name}:arm64"], tags=more)
    creation = await create(request, stores)

    assert [str(plan.target) for plan in creation.plans] == [name, f"{name}-mirror", elsewhere]
    for tag in creation.tags:
        assert skopeo_inspect_raw(str(tag)) == creation.plan.root.content
    for row in creation.plan.root.as_index().manifests:
        assert skopeo_inspect_raw(f"{elsewhere}@{row.digest}")


async def test_no_tag_moves_if_one_registry_wants_other_credentials(
    name: str, htpasswd_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    request = CreateRequest.parse(
        f"{name}:1.0", [f"{name}:amd64"], tags=("latest", f"{htpasswd_registry.host}/{repository}:1.0")
    )
    with pytest.raises(DeniedError):
        await create(request, stores)

    with pytest.raises(NotFoundError):
        await resolve(Reference.parse(f"{name}:1.0"), stores)


def test_a_bare_tag_is_in_the_first_place_and_each_is_named_once() -> None:
    first, second = parse_targets("localhost/app:1.0", ["latest", "ghcr.io/app/app:1", "localhost/app:latest", "1.0"])

    assert [str(reference) for reference in first.references] == ["localhost/app:1.0", "localhost/app:latest"]
    assert [str(reference) for reference in second.references] == ["ghcr.io/app/app:1"]


@pytest.mark.parametrize("tag", ["ghcr.io/app/app@sha256:" + "0" * 64, ".x", "ghcr.io/App:1"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(UsageError):
        parse_targets("localhost/app:1.0", [tag])


async def test_sources_of_one_registry_reach_another_without_being_pulled(
    name: str, embedded_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    push_image(embedded_registry, repository, "s390x", config={"architecture": "s390x"})
    elsewhere = f"{embedded_registry.host}/{repository}"
    request = CreateRequest.parse(f"{elsewhere}:1.0", [f"{name}:amd64", f"{elsewhere}:s390x"])
    creation = await create(request, stores)

    assert [str(member.platform) for member in creation.members] == ["linux/amd64", "linux/s390x"]
    assert skopeo_inspect_raw(f"{elsewhere}:1.0") == creation.plan.root.content


async def test_a_registry_that_takes_tags_together_is_asked_once_and_one_that_does_not_tag_by_tag(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    registry.push("amd64.attested.oci.tar", repository, "amd64")
    name = f"{registry.host}/{repository}"
    mark = registry.mark()
    creation = await create(CreateRequest.parse(f"{name}:1.0", [f"{name}:amd64"], tags=("1", "latest")), stores)

    by_tag = [f"/v2/{repository}/manifests/{tag}" for tag in ("1.0", "1", "latest")]
    together = f"/v2/{repository}/manifests/{creation.plan.root.digest}?tag=1.0&tag=1&tag=latest"
    written = [asked.path for asked in registry.requests_since(mark) if asked.method == "PUT"]
    assert written in ([together], [together, *by_tag])
