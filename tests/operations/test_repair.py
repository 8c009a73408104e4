"""`repair` on a real registry: what is written, what is not, and that nobody's work is overwritten."""

from pathlib import Path

import pytest

from regtool import (
    ConflictError,
    ContentCache,
    ContentError,
    Reference,
    RepairRequest,
    Stores,
    UsageError,
    plan_repair,
    publish,
    repair,
)
from tests.broken import Broken, cases
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry

BROKEN = {case.code: case for case in cases()}


@pytest.fixture
def cache(tmp_path: Path) -> ContentCache:
    return ContentCache(tmp_path / "cache")


def broken(code: str, registry: RunningRegistry, repository: str) -> tuple[Broken, str]:
    """A broken list, and its name in the registry."""
    case = BROKEN[code]
    return case, case.publish(registry, repository)


async def test_what_is_missing_is_brought_and_the_list_stays_as_it_is(
    debian_registry: RunningRegistry, repository: str, stores: Stores, cache: ContentCache
) -> None:
    case, name = broken("RT201", debian_registry, repository)
    debian_registry.push("arm64.oci.tar", f"{repository}/spare", "x")
    request = RepairRequest.parse(name, origin=f"{debian_registry.host}/{repository}/spare")

    found = await repair(request, stores, cache)

    assert [(finding.code, str(finding.repair)) for finding in found.made] == [
        ("RT201", "bring what is missing from a repository that has it")
    ]
    assert skopeo_inspect_raw(name) == case.content
    for row in found.before.as_index().manifests:
        assert skopeo_inspect_raw(f"{debian_registry.host}/{repository}@{row.digest}")


async def test_what_nobody_has_is_dropped(
    debian_registry: RunningRegistry, repository: str, stores: Stores, cache: ContentCache
) -> None:
    _, name = broken("RT201", debian_registry, repository)
    debian_registry.push("armv7.oci.tar", f"{repository}/spare", "x")
    request = RepairRequest.parse(name, origin=f"{debian_registry.host}/{repository}/spare")

    found = await repair(request, stores, cache)

    assert [str(change.platform) for change in found.changes] == ["linux/amd64", "linux/arm64"]
    assert [change.kind.value for change in found.changes] == ["same", "removed"]


async def test_another_tag_leaves_the_first_one_alone(
    debian_registry: RunningRegistry, repository: str, stores: Stores, cache: ContentCache
) -> None:
    case, name = broken("RT302", debian_registry, repository)

    found = await repair(RepairRequest.parse(name, tags=["fixed"]), stores, cache)

    assert skopeo_inspect_raw(name) == case.content
    assert skopeo_inspect_raw(name.replace(":1.0", ":fixed")) == found.plans[0].root.content


async def test_only_what_is_asked_for_is_repaired(
    debian_registry: RunningRegistry, repository: str, stores: Stores, cache: ContentCache
) -> None:
    _, name = broken("RT302", debian_registry, repository)

    found = await plan_repair(RepairRequest.parse(name, only=["RT2,RT305"]), stores, cache)

    assert (found.plans, found.made, found.left) == ((), (), ())


async def test_a_good_list_is_left_alone(
    debian_registry: RunningRegistry, repository: str, stores: Stores, cache: ContentCache
) -> None:
    debian_registry.push("multi.attested.oci.tar", repository, "1.0")
    mark = debian_registry.mark()

    found = await repair(RepairRequest.parse(f"{debian_registry.host}/{repository}:1.0"), stores, cache)

    assert found.plans == ()
    assert {request.method for request in debian_registry.requests_since(mark)} <= {"GET", "HEAD"}


async def test_a_tag_that_moved_meanwhile_is_not_overwritten(
    debian_registry: RunningRegistry, repository: str, stores: Stores, cache: ContentCache
) -> None:
    _, name = broken("RT302", debian_registry, repository)
    found = await plan_repair(RepairRequest.parse(name), stores, cache)
    moved = debian_registry.push("multi.attested.oci.tar", repository, "1.0")

    with pytest.raises(ConflictError, match="moved"):
        await publish(found.plans, stores)

    assert str((await stores.at(Reference.parse(name).place).resolve(Reference.parse(name).selector)).digest) == moved


async def test_a_split_gives_each_family_a_list(
    debian_registry: RunningRegistry, repository: str, stores: Stores, cache: ContentCache
) -> None:
    _, name = broken("RT106", debian_registry, repository)

    found = await repair(RepairRequest.parse(name, split=True), stores, cache)

    assert [str(plan.tags[0].tag) for plan in found.plans] == ["1.0", "1.0-docker"]
    assert b"vnd.docker" not in skopeo_inspect_raw(name)
    assert b"vnd.oci" not in skopeo_inspect_raw(f"{name}-docker")


@pytest.mark.parametrize("code", ["RT101", "RT103"])
async def test_what_cannot_be_read_cannot_be_repaired(
    code: str, debian_registry: RunningRegistry, repository: str, stores: Stores, cache: ContentCache
) -> None:
    _, name = broken(code, debian_registry, repository)

    with pytest.raises(ContentError, match="publish it anew"):
        await plan_repair(RepairRequest.parse(name), stores, cache)


async def test_a_list_does_not_become_empty(
    debian_registry: RunningRegistry, repository: str, stores: Stores, cache: ContentCache
) -> None:
    case, name = broken("RT201", debian_registry, repository)
    place = Reference.parse(name).place
    for row in (await stores.at(place).manifest(Reference.parse(name).selector)).as_index().manifests:
        if str(row.digest) not in case.delete:
            await stores.at(place).delete_manifest(row.digest)  # type: ignore[attr-defined]

    with pytest.raises(UsageError, match="no image left; bring the missing ones with --from REPO"):
        await plan_repair(RepairRequest.parse(name), stores, cache)


def test_a_split_needs_one_tag() -> None:
    with pytest.raises(UsageError, match="one tag"):
        RepairRequest.parse("localhost:5000/app:1.0", tags=["a", "b"], split=True)
