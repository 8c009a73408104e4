"""`edit` on real registries: one thing changes, every other byte is as it was."""

import json
from typing import Any

import pytest

from regtool import ConflictError, CreateRequest, Stores, TagRequest, UsageError, create, tag
from regtool.operations.edit import Edition, EditRequest, edit, plan_edit
from regtool.operations.publish import publish
from regtool.planning.guards import Guards
from tests.images import OCI_INDEX, entry, push_image, push_index
from tests.judges import docker_manifest_inspect, skopeo_inspect_raw
from tests.registries import RunningRegistry


@pytest.fixture
async def name(registry: RunningRegistry, repository: str, stores: Stores) -> str:
    """A repository with a list of two attested builds under 1.0, and an arm/v7 build beside it."""
    registry.push("amd64.attested.oci.tar", repository, "1.0-x86_64")
    registry.push("arm64.attested.oci.tar", repository, "1.0-aarch64")
    registry.push("armv7.oci.tar", repository, "1.0-armv7l")
    name = f"{registry.host}/{repository}"
    await create(CreateRequest.parse(f"{name}:1.0", [f"{name}:1.0-x86_64", f"{name}:1.0-aarch64"]), stores)
    return name


def rows(name: str, tag: str = "1.0") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(skopeo_inspect_raw(f"{name}:{tag}"))["manifests"]
    return found


async def do(stores: Stores, name: str, *tags: str, **options: list[str]) -> Edition:
    words = {f"--{option.replace('_', '-')}": values for option, values in options.items()}
    return await edit(EditRequest.parse(f"{name}:1.0", words, tags=tags), stores)


class TestSet:
    async def test_adds_a_leg_and_leaves_the_others_alone(self, name: str, stores: Stores) -> None:
        before = rows(name)
        await do(stores, name, set=[f"linux/arm/v7={name}:1.0-armv7l"])

        assert rows(name)[:4] == before
        assert rows(name)[4]["platform"] == {"architecture": "arm", "os": "linux", "variant": "v7"}

    async def test_replaces_a_leg_with_its_attestation(
        self, registry: RunningRegistry, repository: str, name: str, stores: Stores
    ) -> None:
        new = push_image(registry, repository, "fixed", config={"architecture": "arm64"})
        before = rows(name)
        await do(stores, name, set=[f"arm64={name}:fixed"])

        assert rows(name)[:2] == before[:2]
        assert [row["digest"] for row in rows(name)[2:]] == [new]

    async def test_is_the_same_list_as_create_makes(self, name: str, stores: Stores) -> None:
        sources = [f"{name}:1.0-{arch}" for arch in ("x86_64", "aarch64", "armv7l")]
        made = await create(CreateRequest.parse(f"{name}:whole", sources), stores)
        edition = await do(stores, name, set=[f"linux/arm/v7={name}:1.0-armv7l"])

        assert edition.plan.root == made.plan.root

    async def test_takes_the_leg_out_of_a_list(self, name: str, stores: Stores) -> None:
        await tag(TagRequest.parse(f"{name}:1.0", ["whole"]), stores)
        await do(stores, name, remove=["linux/arm64"])
        edition = await do(stores, name, set=[f"linux/arm64={name}:whole"])

        assert skopeo_inspect_raw(f"{name}:1.0") == skopeo_inspect_raw(f"{name}:whole")
        assert edition.plan.root.digest != edition.before.digest

    async def test_brings_the_leg_from_another_repository(
        self, registry: RunningRegistry, repository: str, name: str, stores: Stores
    ) -> None:
        new = push_image(registry, f"{repository}-elsewhere", "1", config={"architecture": "s390x"}, layer=b"elsewhere")
        await do(stores, name, set=[f"s390x={name}-elsewhere:1"])

        assert rows(name)[-1]["digest"] == new
        assert json.loads(skopeo_inspect_raw(f"{name}@{new}"))["layers"]

    async def test_refuses_a_source_for_another_platform_and_takes_it_when_told(
        self, name: str, stores: Stores
    ) -> None:
        with pytest.raises(UsageError, match=r"the source is for linux/arm/v7; if it is the one all the same, add ="):
            await do(stores, name, set=[f"linux/s390x={name}:1.0-armv7l"])
        await do(stores, name, set=[f"linux/s390x={name}:1.0-armv7l=linux/s390x"])

        assert rows(name)[-1]["platform"]["architecture"] == "s390x"


async def test_several_edits_at_once(name: str, stores: Stores) -> None:
    (arm,) = [row for row in rows(name) if row["platform"]["architecture"] == "arm64"]
    await do(
        stores, name,
        remove=["linux/amd64"], append=[f"{name}:1.0-armv7l"], platform_of=[f"{arm['digest']}=linux/arm64/v9"],
        annotation=["org.opencontainers.image.title=app", "[linux/arm64/v9]a=b", "manifest-descriptor[arm/v7]:c=d"],
    )  # fmt: skip

    after = json.loads(skopeo_inspect_raw(f"{name}:1.0"))
    images = [row for row in after["manifests"] if row["platform"]["os"] == "linux"]
    assert after["annotations"] == {"org.opencontainers.image.title": "app"}
    assert [row["platform"].get("variant") for row in images] == ["v9", "v7"]
    assert [row["annotations"] for row in images] == [{"a": "b"}, {"c": "d"}]


async def test_unknown_fields_of_what_is_not_named_stay(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    images = [push_image(registry, repository, arch, config={"architecture": arch}) for arch in ("amd64", "arm64")]
    size = len(skopeo_inspect_raw(f"{registry.host}/{repository}@{images[0]}"))
    platforms = [{"architecture": arch, "os": "linux", "x-cpu": ["a"]} for arch in ("amd64", "arm64")]
    entries = [
        entry(digest, size, platform, **{"x-entry": {"deep": None}})
        for digest, platform in zip(images, platforms, strict=True)
    ]
    push_index(registry, repository, "1.0", entries, **{"x-list": 1})
    name = f"{registry.host}/{repository}"
    await do(stores, name, annotation=["a=b"])

    assert json.loads(skopeo_inspect_raw(f"{name}:1.0")) == {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": entries,
        "x-list": 1,
        "annotations": {"a": "b"},
    }


async def test_tags_elsewhere_leave_the_list_as_it_is(name: str, stores: Stores) -> None:
    before = skopeo_inspect_raw(f"{name}:1.0")
    await do(stores, name, "1.0-arm", "arm", remove=["linux/amd64"])

    assert skopeo_inspect_raw(f"{name}:1.0") == before
    assert skopeo_inspect_raw(f"{name}:arm") == skopeo_inspect_raw(f"{name}:1.0-arm") != before


async def test_the_edited_list_can_go_to_another_repository(name: str, stores: Stores) -> None:
    await do(stores, name, f"{name}-other:arm", remove=["linux/amd64"])

    listed = docker_manifest_inspect(f"{name}-other:arm")["manifests"]
    assert [row["digest"] for row in listed] == [row["digest"] for row in rows(name)[2:]]


async def test_a_list_by_digest_is_edited_by_digest(name: str, stores: Stores) -> None:
    before = (await do(stores, name, remove=["linux/amd64"], append=[f"{name}:1.0-x86_64"])).before
    request = EditRequest.parse(f"{name}@{before.digest}", {"--remove": ["linux/amd64"]})
    edition = await edit(request, stores)

    assert edition.plan.tags == ()
    assert json.loads(skopeo_inspect_raw(str(edition.plan.result)))["manifests"] == rows(name)[2:]


async def test_an_edit_that_changes_nothing_writes_nothing(
    registry: RunningRegistry, name: str, stores: Stores
) -> None:
    mark = registry.mark()
    edition = await do(stores, name, set=[f"linux/arm64={name}:1.0-aarch64"])

    assert edition.writes_nothing
    assert {one.method for one in registry.requests_since(mark)} <= {"GET", "HEAD"}


async def test_a_list_that_moves_meanwhile_is_not_overwritten(name: str, stores: Stores) -> None:
    edition = await plan_edit(EditRequest.parse(f"{name}:1.0", {"--remove": ["linux/amd64"]}), stores)
    await tag(TagRequest.parse(f"{name}:1.0-armv7l", ["1.0"], guards=Guards(allow_shrink=True)), stores)
    with pytest.raises(ConflictError, match="meanwhile"):
        await publish(edition.plan, stores)


async def test_one_image_is_no_list(name: str, stores: Stores) -> None:
    request = EditRequest.parse(f"{name}:1.0-armv7l", {"--annotation": ["a=b"]})
    with pytest.raises(UsageError, match=r"is one image, not a list; `regtool create` makes a list of it"):
        await plan_edit(request, stores)


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--set", "linux/arm64", r"--set linux/arm64: names no pair; write it as OS/ARCH=SOURCE"),
        ("--set", "=app:1", "names no pair"),
        ("--platform-of", "linux/arm64=", "names no pair; write it as DIGEST=OS/ARCH"),
        ("--os-version", "x", "names no pair"),
        ("--remove", "no/such/thing/here", "not a platform"),
        ("--remove", "sha256:123", "not a digest"),
        ("--annotation", "key", "names no value; write it as KEY=VALUE"),
        ("--annotation", "=value", "cannot be read"),
        ("--remove-annotation", "key=value", "names a value; give the key alone"),
    ],
)
def test_words_that_say_nothing_are_refused(option: str, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        EditRequest.parse("localhost:5000/app:1.0", {option: [text]})


def test_no_edit_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing to change"):
        EditRequest.parse("localhost:5000/app:1.0", {})


def test_tags_in_two_repositories_are_refused() -> None:
    with pytest.raises(UsageError, match="are not tags in one place"):
        EditRequest.parse("localhost:5000/a:1", {"--annotation": ["a=b"]}, tags=["2", "localhost:5000/b:1"])
