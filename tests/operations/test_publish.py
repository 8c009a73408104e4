"""Publishing to several places at once: all of it or nothing, and every tag accounted for."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from regtool import ConflictError, Digest, Plan, Repository, Stores, Tag, TagMove, publish
from regtool.documents.manifest import Manifest
from regtool.errors import (
    DeniedError,
    MovedError,
    NotVisibleError,
    PartialError,
    RegtoolError,
    TimedOutError,
    UnreachableError,
)
from regtool.model import media_type as types
from regtool.model.reference import Place, Selector
from regtool.operations.events import Event, Note, TagMoved
from regtool.stores.memory import MemoryStore

ONE, TWO = Repository("one.example", "app"), Repository("two.example", "app")
TAG, LATEST = Tag("1.0"), Tag("latest")


def a_list(name: str) -> Manifest:
    content = f'{{"schemaVersion":2,"manifests":[],"annotations":{{"name":"{name}"}}}}'
    return Manifest.written(types.OCI_INDEX, content.encode(), name)


OLD, NEW, THEIRS = a_list("old"), a_list("new"), a_list("theirs")


class Faulty(MemoryStore):
    """A place in memory that takes one tag at a time, with what a test wants to happen before or after it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.before_tag: dict[Tag, Callable[[], object]] = {}
        self.after_tag: dict[Tag, Callable[[], object]] = {}
        self.hidden: set[Tag] = set()

    async def tag(self, manifest: Manifest, tag: Tag) -> None:
        self.before_tag.get(tag, lambda: None)()
        await super().tag_together(manifest, [tag])
        self.after_tag.pop(tag, lambda: None)()

    async def tag_together(self, manifest: Manifest, tags: Sequence[Tag]) -> frozenset[Tag]:
        await self.put_manifest(manifest)
        return frozenset()

    def point(self, tag: Tag, manifest: Manifest) -> None:
        """What another job does."""
        self._manifests[manifest.digest] = manifest
        self._tags[tag] = manifest.digest

    def held(self, tag: Tag) -> Digest | None:
        return self._tags.get(tag)


class Memory(Stores):
    """Two places in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.places = {ONE: Faulty("one"), TWO: Faulty("two")}

    def at(self, place: Place) -> Faulty:  # type: ignore[override]
        assert isinstance(place, Repository)
        return self.places[place]


@pytest.fixture
def memory() -> Memory:
    """Both tags of the first place are old; the second place has none."""
    stores = Memory()
    stores.places[ONE].point(TAG, OLD)
    stores.places[ONE].point(LATEST, OLD)
    return stores


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "sleep", _no_time)


async def _no_time(seconds: float) -> None:
    pass


def plans(*, guarded: bool = False, conditional: bool = False) -> list[Plan]:
    first = tuple(TagMove(tag, NEW.digest, OLD.digest, conditional) for tag in (TAG, LATEST))
    second = (TagMove(TAG, NEW.digest, None, conditional),)
    return [Plan(ONE, (), (), NEW, first, guarded), Plan(TWO, (), (), NEW, second, guarded)]


def state(memory: Memory) -> list[Digest | None]:
    one, two = memory.places[ONE], memory.places[TWO]
    return [one.held(TAG), one.held(LATEST), two.held(TAG)]


def fail(error: Exception) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


async def failure_of(memory: Memory, wanted: list[Plan] | None = None) -> RegtoolError:
    with pytest.raises(RegtoolError) as failed:
        await publish(wanted or plans(), memory)
    return failed.value


BEFORE = [OLD.digest, OLD.digest, None]


async def test_everything_moves_and_is_read_back(memory: Memory) -> None:
    heard: list[Event] = []
    await publish(plans(), memory, heard.append)

    assert state(memory) == [NEW.digest] * 3
    assert len([event for event in heard if isinstance(event, TagMoved)]) == 3


async def test_a_refusal_at_the_last_tag_puts_everything_back(memory: Memory) -> None:
    memory.places[TWO].before_tag[TAG] = fail(DeniedError("two.example/app:1.0", "not yours"))
    heard: list[Event] = []
    with pytest.raises(DeniedError) as denied:
        await publish(plans(), memory, heard.append)

    assert state(memory) == BEFORE
    assert denied.value.tags == {
        "one.example/app:1.0": "put back",
        "one.example/app:latest": "put back",
        "two.example/app:1.0": "not written",
    }
    assert [str(LATEST) in event.text for event in heard if isinstance(event, Note)] == [True, False]


async def test_a_tag_that_did_not_exist_is_removed_again(memory: Memory) -> None:
    memory.places[ONE].before_tag[LATEST] = fail(DeniedError("x", "no"))
    error = await failure_of(memory, plans()[::-1])

    assert state(memory) == BEFORE
    assert error.tags["two.example/app:1.0"] == "put back"


async def test_what_cannot_be_put_back_is_named(memory: Memory) -> None:
    memory.places[TWO].before_tag[TAG] = fail(DeniedError("x", "no"))
    memory.places[ONE].after_tag[LATEST] = lambda: memory.places[ONE].before_tag.update(
        {LATEST: fail(UnreachableError("one.example", "gone"))}
    )
    error = await failure_of(memory)

    assert isinstance(error, PartialError)
    assert error.what == "one.example/app:latest"
    assert error.tags["one.example/app:latest"] == "written, and could not be put back"
    assert error.tags["one.example/app:1.0"] == "put back"


async def test_an_answer_that_was_lost_is_looked_for(memory: Memory) -> None:
    memory.places[ONE].after_tag[LATEST] = fail(TimedOutError("x", "no answer"))
    await publish(plans(), memory)

    assert state(memory) == [NEW.digest] * 3


async def test_a_write_that_may_have_been_carried_out_is_taken_back_too(memory: Memory) -> None:
    memory.places[ONE].after_tag[LATEST] = fail(DeniedError("x", "said no, and did it all the same"))
    error = await failure_of(memory)

    assert state(memory) == BEFORE
    assert error.tags["one.example/app:latest"] == "put back"


async def test_what_another_job_wrote_meanwhile_is_left_to_it(memory: Memory) -> None:
    one = memory.places[ONE]
    one.after_tag[LATEST] = lambda: one.point(TAG, THEIRS)
    memory.places[TWO].before_tag[TAG] = fail(DeniedError("x", "no"))
    error = await failure_of(memory)

    assert state(memory) == [THEIRS.digest, OLD.digest, None]
    assert error.tags["one.example/app:1.0"] == "moved by another job meanwhile"


async def test_an_interruption_between_two_tags_waits_for_the_last(memory: Memory) -> None:
    publishing = asyncio.ensure_future(publish(plans(), memory))
    memory.places[ONE].before_tag[LATEST] = publishing.cancel

    with pytest.raises(asyncio.CancelledError):
        await publishing
    assert state(memory) == [NEW.digest] * 3


async def test_an_interruption_does_not_hide_a_failure(memory: Memory) -> None:
    publishing = asyncio.ensure_future(publish(plans(), memory))
    memory.places[ONE].before_tag[LATEST] = publishing.cancel
    memory.places[TWO].before_tag[TAG] = fail(DeniedError("two.example/app:1.0", "not yours"))

    with pytest.raises(DeniedError):
        await publishing
    assert state(memory) == BEFORE


class TestGuards:
    async def test_a_guarded_tag_that_moved_since_stops_everything(self, memory: Memory) -> None:
        memory.places[ONE].point(LATEST, THEIRS)
        error = await failure_of(memory, plans(guarded=True))

        assert isinstance(error, MovedError)
        assert error.exit_code == ConflictError.exit_code
        assert state(memory) == [OLD.digest, THEIRS.digest, None]
        assert set(error.tags.values()) == {"not written"}

    async def test_one_that_came_to_be_stops_it_only_if_it_had_to_be_absent(self, memory: Memory) -> None:
        memory.places[TWO].point(TAG, THEIRS)
        await publish(plans(guarded=True), memory)
        assert state(memory) == [NEW.digest] * 3

        memory.places[TWO].point(TAG, THEIRS)
        error = await failure_of(memory, plans(conditional=True)[1:])
        assert f"moved from not existing to {THEIRS.digest}" in str(error)

    async def test_one_that_is_right_meanwhile_is_no_conflict(self, memory: Memory) -> None:
        memory.places[ONE].point(LATEST, NEW)
        await publish(plans(guarded=True, conditional=True), memory)

        assert state(memory) == [NEW.digest] * 3


class TestReadingBack:
    async def test_another_writer_right_after_is_a_conflict_for_this_tag(self, memory: Memory) -> None:
        one = memory.places[ONE]
        one.after_tag[LATEST] = lambda: one.point(LATEST, THEIRS)
        error = await failure_of(memory)

        assert isinstance(error, MovedError)
        assert error.tags == {
            "one.example/app:1.0": "written and read back",
            "one.example/app:latest": "moved by another job meanwhile",
            "two.example/app:1.0": "written and read back",
        }

    async def test_a_registry_that_goes_on_showing_the_old_list_is_late(self, memory: Memory) -> None:
        one = memory.places[ONE]

        def show_the_old() -> None:
            one.point(LATEST, OLD)
            one.after_tag[LATEST] = show_the_old

        show_the_old()
        error = await failure_of(memory)

        assert isinstance(error, NotVisibleError)
        assert error.tags["one.example/app:latest"] == "written, but not visible yet"


class Comparing(Faulty):
    """A place that compares before it moves a tag; `wrongly` it always says that it does not fit."""

    wrongly = False

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.after_look: dict[Tag, Callable[[], object]] = {}

    async def look(self, selector: Selector) -> Digest | None:
        found = self.held(selector) if isinstance(selector, Tag) else None
        if found == NEW.digest and isinstance(selector, Tag):
            self.after_look.pop(selector, lambda: None)()
        return found

    async def tag_if(self, manifest: Manifest, tag: Tag, was: Digest | None) -> None:
        self.before_tag.get(tag, lambda: None)()
        if self.wrongly or self.held(tag) != was:
            raise ConflictError(f"one.example/app:{tag}", "the registry answers 412")
        await super().tag_together(manifest, [tag])
        self.point(tag, manifest)


class TestConditions:
    @pytest.fixture
    def comparing(self, memory: Memory) -> Comparing:
        place = Comparing("one")
        place.point(TAG, OLD)
        place.point(LATEST, OLD)
        memory.places[ONE] = place
        return place

    async def test_a_registry_that_compares_closes_the_gap_between_look_and_write(
        self, memory: Memory, comparing: Comparing
    ) -> None:
        comparing.before_tag[LATEST] = lambda: comparing.point(LATEST, THEIRS)
        error = await failure_of(memory, plans(conditional=True))

        assert isinstance(error, MovedError)
        assert state(memory) == [OLD.digest, THEIRS.digest, None]

    async def test_a_refusal_of_a_condition_that_holds_is_not_believed(
        self, memory: Memory, comparing: Comparing
    ) -> None:
        comparing.wrongly = True
        comparing.before_tag[TAG] = lambda: None
        await publish(plans(conditional=True), memory)

        assert state(memory) == [NEW.digest] * 3

    async def test_what_another_job_has_built_on_is_not_put_back(self, memory: Memory, comparing: Comparing) -> None:
        comparing.before_tag[LATEST] = fail(DeniedError("x", "no"))
        comparing.after_look[TAG] = lambda: comparing.point(TAG, THEIRS)
        error = await failure_of(memory, plans(conditional=True))

        assert comparing.held(TAG) == THEIRS.digest
        assert error.tags["one.example/app:1.0"] == "moved by another job meanwhile"
