"""`undo` on real registries: back to what a tag was, or not at all."""

from pathlib import Path

import pytest

from regtool import (
    ConflictError,
    CreateRequest,
    Digest,
    NotFoundError,
    Reference,
    Stores,
    TagRequest,
    create,
    plan_tag,
    publish,
    tag,
)
from regtool.operations.delete import delete
from regtool.operations.journal import Journal
from regtool.operations.keep_old import keep_old
from regtool.operations.remove import RemoveRequest, plan_remove
from regtool.operations.undo import history, plan_undo, undo_all
from regtool.stores.protocols import Deletes
from tests.images import push_image
from tests.registries import RunningRegistry


class Desk:
    """Somebody who moves tags of one repository, with a journal."""

    def __init__(self, name: str, path: Path, stores: Stores) -> None:
        self.name, self.path, self.stores = name, path, stores

    def ref(self, tag: str) -> Reference:
        return Reference.parse(f"{self.name}:{tag}")

    def journal(self, command: str = "regtool tag", undoes: str | None = None) -> Journal:
        return Journal(self.path, command, undoes=undoes)

    async def move(self, source: str, *tags: str) -> None:
        await tag(TagRequest.parse(f"{self.name}:{source}", tags), self.stores, journal=self.journal().moving)

    async def undo(self, tag: str | None = None) -> None:
        undoing = await plan_undo(self.journal().records(), self.ref(tag) if tag else None, self.stores, dummy=True)
        await undo_all(undoing, self.stores, lambda _: None, self.journal("regtool undo", undoing.records[0].run))

    async def at(self, tag: str) -> Digest | None:
        try:
            return (await self.stores.at(self.ref(tag).place).resolve(self.ref(tag).selector)).digest
        except NotFoundError:
            return None


@pytest.fixture
async def desk(registry: RunningRegistry, repository: str, stores: Stores, tmp_path: Path) -> Desk:
    """Three images, a, b and c, and the tag 1.0 on a; the journal knows nothing of it."""
    for content in "abc":
        push_image(registry, repository, content, layer=content.encode())
    name = f"{registry.host}/{repository}"
    await tag(TagRequest.parse(f"{name}:a", ["1.0"]), stores)
    return Desk(name, tmp_path / "journal.jsonl", stores)


async def test_undo_goes_back_one_move_at_a_time(desk: Desk) -> None:
    for source in "bcb":
        await desk.move(source, "1.0")

    for expected in "cba":
        await desk.undo("1.0")
        assert await desk.at("1.0") == await desk.at(expected)
    with pytest.raises(NotFoundError, match="no move of this tag is recorded"):
        await desk.undo("1.0")


async def test_what_is_done_after_an_undo_can_be_undone_too(desk: Desk) -> None:
    await desk.move("b", "1.0")
    await desk.undo("1.0")
    await desk.move("c", "1.0")
    await desk.undo("1.0")

    assert await desk.at("1.0") == await desk.at("a")


async def test_without_a_tag_all_of_the_last_command_is_undone(desk: Desk) -> None:
    await desk.move("b", "1.0", "latest")
    await desk.move("c", "1.0")
    await desk.undo()
    assert (await desk.at("1.0"), await desk.at("latest")) == (await desk.at("b"), await desk.at("b"))

    await desk.undo()
    assert (await desk.at("1.0"), await desk.at("latest")) == (await desk.at("a"), None)
    with pytest.raises(NotFoundError, match="nothing is recorded"):
        await desk.undo()


async def test_a_removed_tag_comes_back(desk: Desk) -> None:
    removing = await plan_remove(RemoveRequest.parse([f"{desk.name}:1.0"], dummy=True), desk.stores)
    await delete(removing.removals[0], desk.stores, journal=desk.journal("regtool rm").removing)
    assert await desk.at("1.0") is None

    await desk.undo("1.0")
    assert await desk.at("1.0") == await desk.at("a")


async def test_a_tag_that_somebody_else_moved_is_left_alone(desk: Desk) -> None:
    await desk.move("b", "1.0")
    await tag(TagRequest.parse(f"{desk.name}:c", ["1.0"]), desk.stores)
    with pytest.raises(ConflictError, match=r"but `regtool tag` left it at .* it has moved since"):
        await desk.undo("1.0")

    assert await desk.at("1.0") == await desk.at("c")


async def test_a_move_that_never_happened_is_passed_over(desk: Desk) -> None:
    await desk.move("b", "1.0")
    desk.journal("regtool killed").moving(await plan_tag(TagRequest.parse(f"{desk.name}:c", ["1.0"]), desk.stores))
    await desk.undo("1.0")

    assert await desk.at("1.0") == await desk.at("a")


async def test_a_digest_that_is_gone_cannot_be_gone_back_to(desk: Desk) -> None:
    await desk.move("b", "1.0")
    store = desk.stores.at(desk.ref("a").place)
    assert isinstance(store, Deletes)
    old = await desk.at("a")
    assert old
    await store.delete_manifest(old)
    with pytest.raises(NotFoundError, match=r"is gone, so that the tag cannot go back; --keep-old pins it next time"):
        await desk.undo("1.0")


async def test_what_a_tag_was_can_be_pinned(desk: Desk) -> None:
    plans = await plan_tag(TagRequest.parse(f"{desk.name}:b", ["1.0"]), desk.stores)
    await publish(await keep_old(plans, "{tag}-before", desk.stores), desk.stores, journal=desk.journal().moving)
    assert await desk.at("1.0-before") == await desk.at("a")

    await desk.undo()
    assert (await desk.at("1.0"), await desk.at("1.0-before")) == (await desk.at("a"), await desk.at("a"))


async def test_history_is_of_a_tag_a_repository_or_all(desk: Desk) -> None:
    await desk.move("b", "1.0", "latest")
    await desk.move("c", "1.0")
    records = desk.journal().records()

    assert len(history(records, f"{desk.name}:1.0")) == 2
    assert len(history(records, f"{desk.name}:latest")) == 1
    assert len(history(records, desk.name)) == len(history(records, "")) == 3
    assert history(records, "localhost:1/other") == []


async def test_what_would_have_to_go_from_an_archive_is_told_before_anything_goes(desk: Desk, tmp_path: Path) -> None:
    there, archived = desk.ref("new"), Reference.parse(f"oci-archive:{tmp_path}/app.tar:new")
    request = CreateRequest.parse(str(there), [f"{desk.name}:a"], tags=[str(archived)])
    await create(request, desk.stores, journal=desk.journal("regtool create"))

    with pytest.raises(ConflictError, match="nothing is deleted from an archive"):
        await desk.undo()
    assert await desk.at("new") is not None
