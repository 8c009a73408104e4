"""`split` on real registries: the way back from one tag to one for each platform."""

import pytest

from regtool import CreateRequest, Stores, UsageError, create
from regtool.operations.delete import delete
from regtool.operations.events import Event, Note
from regtool.operations.remove import RemoveRequest, plan_remove
from regtool.operations.split import SplitRequest, plan_split, split
from regtool.planning.shape import Attestations
from regtool.planning.tag_names import Spelling
from tests.images import entry, push_image, push_index
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry


@pytest.fixture
async def name(registry: RunningRegistry, repository: str, stores: Stores) -> str:
    registry.push("amd64.attested.oci.tar", repository, "1.0-x86_64")
    registry.push("arm64.attested.oci.tar", repository, "1.0-aarch64")
    registry.push("armv7.oci.tar", repository, "1.0-armv7l")
    name = f"{registry.host}/{repository}"
    sources = [f"{name}:1.0-{arch}" for arch in ("x86_64", "aarch64", "armv7l")]
    await create(CreateRequest.parse(f"{name}:1.0", sources), stores)
    return name


async def test_gives_back_the_very_tags_that_were_merged(name: str, stores: Stores) -> None:
    tags = ("1.0-x86_64", "1.0-aarch64", "1.0-armv7l")
    before = {tag: skopeo_inspect_raw(f"{name}:{tag}") for tag in (*tags, "1.0")}
    removing = await plan_remove(RemoveRequest.parse([f"{name}:{tag}" for tag in tags], dummy=True), stores)
    await delete(removing.removals[0], stores)
    await split(SplitRequest.parse(f"{name}:1.0"), stores)

    assert {tag: skopeo_inspect_raw(f"{name}:{tag}") for tag in (*tags, "1.0")} == before


async def test_what_is_split_merges_to_the_same_list(name: str, stores: Stores) -> None:
    plans = await split(SplitRequest.parse(f"{name}:1.0", pattern="{arch}", spelling=Spelling.DOCKER), stores)
    sources = [str(plan.target.at(move.tag)) for plan in plans for move in plan.tags]
    await create(CreateRequest.parse(f"{name}:again", sources), stores)

    assert sources == [f"{name}:amd64", f"{name}:arm64", f"{name}:armv7"]
    assert skopeo_inspect_raw(f"{name}:again") == skopeo_inspect_raw(f"{name}:1.0")


async def test_without_attestations_a_tag_is_the_image_itself(name: str, stores: Stores) -> None:
    request = SplitRequest.parse(f"{name}:1.0", pattern="only-{arch}", attestations=Attestations.DROP)
    plans = await split(request, stores)

    for plan in plans:
        assert not plan.root.is_index
        assert skopeo_inspect_raw(f"{name}:{plan.tags[0].tag}") == plan.root.content


async def test_a_second_time_there_is_nothing_to_do(registry: RunningRegistry, name: str, stores: Stores) -> None:
    mark = registry.mark()
    plans = await split(SplitRequest.parse(f"{name}:1.0"), stores)

    assert all(plan.writes_nothing for plan in plans)
    assert {one.method for one in registry.requests_since(mark)} <= {"GET", "HEAD"}


async def test_what_is_for_no_platform_gets_no_tag_and_is_named(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    image = push_image(registry, repository, "image")
    chart = push_image(registry, repository, "chart", config_type="application/vnd.cncf.helm.config.v1+json")
    name = f"{registry.host}/{repository}"
    sizes = [len(skopeo_inspect_raw(f"{name}@{digest}")) for digest in (image, chart)]
    rows = [entry(image, sizes[0], {"os": "linux", "architecture": "amd64"}), entry(chart, sizes[1])]
    push_index(registry, repository, "1.0", rows)
    said: list[Event] = []
    plans = await plan_split(SplitRequest.parse(f"{name}:1.0"), stores, said.append)

    assert [move.tag.name for plan in plans for move in plan.tags] == ["1.0-x86_64"]
    assert [note.text for note in said if isinstance(note, Note)] == [
        f"{name}:1.0 (sha256:{chart[7:19]}) is for no platform, and gets no tag"
    ]


async def test_one_image_cannot_be_split(name: str, stores: Stores) -> None:
    with pytest.raises(UsageError, match="is one image, not a list"):
        await plan_split(SplitRequest.parse(f"{name}:1.0-armv7l"), stores)
