"""`apply` on real registries: all the lists of a file, or none."""

import pytest

from regtool import ConflictError, NotFoundError, Reference, Stores, UsageError, resolve
from regtool.operations.apply.apply import apply, plan_apply
from regtool.operations.apply.file import ApplyFile, read_apply_file
from tests.images import push_image
from tests.registries import RunningRegistry

FILE = """\
defaults:
  arch-tags: [x86_64, aarch64]
images:
  - {{name: base, target: {name}/base:1.10, tags: [1, latest]}}
  - {{name: app, target: {name}/app:2.0, expect: [linux/amd64, linux/arm64]}}
"""


@pytest.fixture
def name(registry: RunningRegistry, repository: str) -> str:
    for image, tag in (("base", "1.10"), ("app", "2.0")):
        push_image(registry, f"{repository}/{image}", f"{tag}-x86_64")
        push_image(registry, f"{repository}/{image}", f"{tag}-aarch64", config={"architecture": "arm64"})
    return f"{registry.host}/{repository}"


def file(name: str, text: str = FILE) -> ApplyFile:
    return read_apply_file(text.format(name=name).encode(), "regtool.yaml")


async def test_every_list_of_the_file_is_published(name: str, stores: Stores) -> None:
    planned = await plan_apply(file(name), stores)
    await apply(planned, stores)

    base, app = (one.creation.plan.root.digest for one in planned)
    for reference, digest in (("base:1.10", base), ("base:1", base), ("base:latest", base), ("app:2.0", app)):
        assert await resolve(Reference.parse(f"{name}/{reference}"), stores) == digest


async def test_a_second_run_has_nothing_to_do(name: str, stores: Stores) -> None:
    await apply(await plan_apply(file(name), stores), stores)
    again = await plan_apply(file(name), stores)

    assert all(one.creation.writes_nothing for one in again)


async def test_only_what_is_named_is_planned(name: str, stores: Stores) -> None:
    planned = await plan_apply(file(name), stores, ["b*"])

    assert [one.image.title for one in planned] == ["base"]
    with pytest.raises(UsageError, match="--only nope: names no image of the file; there is base, app"):
        await plan_apply(file(name), stores, ["nope"])


async def test_one_image_that_cannot_be_planned_stops_all(registry: RunningRegistry, name: str, stores: Stores) -> None:
    text = FILE + "  - {{target: {name}/missing:1}}\n"
    mark = registry.mark()
    with pytest.raises(NotFoundError, match="missing:1-x86_64"):
        await plan_apply(file(name, text), stores)

    assert "PUT" not in {asked.method for asked in registry.requests_since(mark)}


async def test_two_images_that_write_one_tag_are_refused(name: str, stores: Stores) -> None:
    text = (
        FILE
        + "  - {{target: {name}/other:1, tags: ['{name}/app:2.0'], arch-tags: [], sources: [{name}/app:2.0-x86_64]}}\n"
    )
    with pytest.raises(ConflictError, match="app:2.0: is written by .*app:2.0 and by .*other:1"):
        await plan_apply(file(name, text), stores)
