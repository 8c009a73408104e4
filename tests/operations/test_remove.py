"""`rm` on real registries: a tag alone, a manifest that nothing needs, and a refusal that names who needs it."""

import json
from pathlib import Path

import pytest

from regtool import (
    AttachRequest,
    ConflictError,
    CreateRequest,
    NotFoundError,
    Reference,
    Stores,
    TagRequest,
    UsageError,
    attach,
    create,
    read_referrers,
    tag,
)
from regtool.operations.delete import delete
from regtool.operations.remove import RemoveRequest, Removing, plan_remove
from regtool.planning.guards import Guards
from regtool.planning.removal import Removal
from tests.images import OCI_INDEX, entry, push_document, push_image, push_index
from tests.judges import skopeo_inspect_raw
from tests.registries import FIXTURES, RunningRegistry


@pytest.fixture
async def name(registry: RunningRegistry, repository: str, stores: Stores) -> str:
    for arch in ("amd64", "arm64"):
        push_image(registry, repository, arch, config={"architecture": arch}, layer=arch.encode())
    name = f"{registry.host}/{repository}"
    await create(CreateRequest.parse(f"{name}:1.0", [f"{name}:amd64", f"{name}:arm64"]), stores)
    return name


async def rm(stores: Stores, *names: str, force: bool = False, dummy: bool = True) -> Removing:
    removing = await plan_remove(RemoveRequest.parse(names, force=force, dummy=dummy), stores)
    for removal in removing.removals:
        await delete(removal, stores)
    return removing


async def is_there(stores: Stores, name: str) -> bool:
    reference = Reference.parse(name)
    try:
        await stores.at(reference.place).manifest(reference.selector)
    except NotFoundError:
        return False
    return True


async def digest_of(stores: Stores, name: str) -> str:
    reference = Reference.parse(name)
    return str((await stores.at(reference.place).resolve(reference.selector)).digest)


async def test_a_tag_goes_and_what_it_pointed_at_stays(name: str, stores: Stores) -> None:
    digest, before = await digest_of(stores, f"{name}:arm64"), skopeo_inspect_raw(f"{name}:arm64")
    await rm(stores, f"{name}:arm64")

    assert not await is_there(stores, f"{name}:arm64")
    assert skopeo_inspect_raw(f"{name}@{digest}") == before
    assert await is_there(stores, f"{name}:1.0")


async def test_without_the_dummy_a_registry_that_cannot_says_so(
    debian_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    push_image(debian_registry, repository, "1.0")
    name = f"{debian_registry.host}/{repository}"
    with pytest.raises(ConflictError, match=r"does not delete a tag alone: it answers 400; --dummy goes"):
        await rm(stores, f"{name}:1.0", dummy=False)

    assert await is_there(stores, f"{name}:1.0")


async def test_other_tags_of_the_same_manifest_stay(name: str, stores: Stores) -> None:
    await tag(TagRequest.parse(f"{name}:1.0", ["latest"]), stores)
    await rm(stores, f"{name}:latest")

    assert await is_there(stores, f"{name}:1.0")


async def test_a_child_is_refused_with_the_name_of_its_list(name: str, stores: Stores) -> None:
    digest = await digest_of(stores, f"{name}:arm64")
    await rm(stores, f"{name}:arm64")
    with pytest.raises(ConflictError, match=rf"{digest}: is still needed: {name}:1.0 lists it; --force"):
        await rm(stores, f"{name}@{digest}")

    assert await is_there(stores, f"{name}@{digest}")


async def test_by_force_it_goes_and_what_breaks_is_said(name: str, stores: Stores) -> None:
    digest = await digest_of(stores, f"{name}:arm64")
    removing = await rm(stores, f"{name}@{digest}", force=True)

    assert [str(one) for one in removing.breaks] == [f"{name}:arm64 points at it", f"{name}:1.0 lists it"]
    assert not await is_there(stores, f"{name}@{digest}")
    assert not await is_there(stores, f"{name}:arm64")


async def test_a_list_goes_with_its_tag_and_its_children_if_all_are_named(name: str, stores: Stores) -> None:
    names = [f"{name}@{await digest_of(stores, f'{name}:{tag}')}" for tag in ("amd64", "arm64", "1.0")]
    await rm(stores, *names, f"{name}:1.0", f"{name}:amd64", f"{name}:arm64")

    assert not any([await is_there(stores, one) for one in names])


async def test_a_list_that_another_list_needs_is_refused(
    registry: RunningRegistry, repository: str, name: str, stores: Stores
) -> None:
    digest, size = await digest_of(stores, f"{name}:1.0"), len(skopeo_inspect_raw(f"{name}:1.0"))
    push_index(registry, repository, "outer", [entry(digest, size, mediaType=OCI_INDEX)])
    with pytest.raises(ConflictError, match="outer lists it"):
        await rm(stores, f"{name}@{digest}", f"{name}:1.0")


async def test_what_a_referrer_is_about_is_refused(
    registry: RunningRegistry, repository: str, name: str, stores: Stores
) -> None:
    digest, size = await digest_of(stores, f"{name}:amd64"), len(skopeo_inspect_raw(f"{name}:amd64"))
    document = json.loads(skopeo_inspect_raw(f"{name}:arm64"))
    push_document(registry, repository, "sbom", document | {"subject": entry(digest, size)})
    await rm(stores, f"{name}:1.0")
    with pytest.raises(ConflictError, match="sbom refers to it"):
        await rm(stores, f"{name}@{digest}", f"{name}:amd64")


async def test_the_tag_that_stands_for_referrers_needs_its_subject(name: str, stores: Stores) -> None:
    digest = await digest_of(stores, f"{name}:1.0")
    await tag(TagRequest.parse(f"{name}:amd64", [f"{digest.replace(':', '-')}.sig"]), stores)
    with pytest.raises(ConflictError, match=r"\.sig is about it"):
        await rm(stores, f"{name}@{digest}", f"{name}:1.0")


async def test_a_referrer_goes_and_is_no_longer_listed_under_its_subject(
    registry: RunningRegistry, repository: str, name: str, tmp_path: Path, stores: Stores
) -> None:
    (tmp_path / "sbom").write_text("{}")
    kinds = ["application/vnd.one", "application/vnd.other"]
    one, other = [
        str((await attach(AttachRequest.parse(f"{name}:1.0", [f"{tmp_path}/sbom"], kind), stores)).result)
        for kind in kinds
    ]

    async def about() -> list[str | None]:
        found = await read_referrers(Reference.parse(f"{name}:1.0"), stores)
        return [referrer.descriptor.artifact_type for referrer in found.referrers]

    await rm(stores, one)
    assert await about() == kinds[1:]
    assert not await is_there(stores, one)
    await rm(stores, other)
    assert await about() == []


async def test_a_tag_with_a_digest_goes_only_from_there(name: str, stores: Stores) -> None:
    other = await digest_of(stores, f"{name}:amd64")
    with pytest.raises(ConflictError, match="is at .*, not at"):
        await rm(stores, f"{name}:1.0@{other}")
    await rm(stores, f"{name}:1.0@{await digest_of(stores, f'{name}:1.0')}")

    assert not await is_there(stores, f"{name}:1.0")


async def test_a_tag_that_moves_meanwhile_is_left_alone(name: str, stores: Stores) -> None:
    removing = await plan_remove(RemoveRequest.parse([f"{name}:arm64"]), stores)
    await tag(TagRequest.parse(f"{name}:amd64", ["arm64"], guards=Guards(allow_shrink=True)), stores)
    with pytest.raises(ConflictError, match="meanwhile"):
        await delete(removing.removals[0], stores)


@pytest.mark.parametrize("missing", [":nope", "@sha256:" + "0" * 64])
async def test_what_is_not_there_is_an_error(name: str, stores: Stores, missing: str) -> None:
    with pytest.raises(NotFoundError):
        await rm(stores, f"{name}{missing}")


def test_a_name_without_a_tag_is_refused() -> None:
    with pytest.raises(UsageError, match="names neither tag nor digest"):
        RemoveRequest.parse(["localhost:5000/app"])


async def test_nothing_is_deleted_from_an_archive_and_nothing_is_recorded(stores: Stores, tmp_path: Path) -> None:
    (tmp_path / "app.tar").write_bytes((FIXTURES / "buildx" / "amd64.oci.tar").read_bytes())
    request = RemoveRequest.parse([f"oci-archive:{tmp_path}/app.tar:1.0-amd64"])
    (place,) = request.references
    recorded: list[object] = []

    with pytest.raises(ConflictError, match="nothing is deleted from an archive"):
        await plan_remove(request, stores)
    with pytest.raises(ConflictError, match="nothing is deleted from an archive; copy what should stay into a new one"):
        await delete(Removal(place, ()), stores, journal=recorded.append)
    assert recorded == []
