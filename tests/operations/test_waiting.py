"""Waiting for images that other jobs have not pushed yet, in no time at all."""

import pytest

from regtool import CreateRequest, Digest, Guards, Platform, Reference, Stores, TimedOutError, create, plan_create
from regtool.errors import DeniedError, UnreachableError
from regtool.model.reference import Place
from regtool.operations.create_request import parse_targets
from regtool.operations.events import Event, Note, Waiting
from regtool.operations.members import SourceSpec
from regtool.operations.waiting import LONGEST_PAUSE, Waiter
from regtool.stores.memory import MemoryStore
from tests.images import entry, push_image, push_index
from tests.judges import skopeo_inspect_raw
from tests.operations.clocks import TurnedClock
from tests.registries import RunningRegistry

MINUTES = 60.0


def waiting_for(name: str, *sources: str, expect: str = "", wait: float = 15 * MINUTES) -> CreateRequest:
    targets = parse_targets(f"{name}:1.0")
    specs = tuple(SourceSpec.parse(f"{name}:{source}", targets[0].place) for source in sources)
    return CreateRequest(targets, specs, guards=Guards(expect=tuple(map(Platform.parse, expect.split()))), wait=wait)


@pytest.fixture
def name(registry: RunningRegistry, repository: str) -> str:
    push_image(registry, repository, "amd64")
    return f"{registry.host}/{repository}"


async def test_what_is_there_is_not_waited_for(name: str, stores: Stores) -> None:
    clock = TurnedClock()
    await create(waiting_for(name, "amd64"), stores, clock=clock)

    assert clock.slept == []


async def test_a_source_that_comes_later_is_merged_when_it_comes(
    registry: RunningRegistry, repository: str, name: str, stores: Stores
) -> None:
    heard: list[Event] = []
    clock = TurnedClock({300.0: lambda: push_image(registry, repository, "arm64", config={"architecture": "arm64"})})
    creation = await create(waiting_for(name, "amd64", "arm64"), stores, heard.append, clock)

    assert [str(member.platform) for member in creation.members] == ["linux/amd64", "linux/arm64"]
    assert 300 <= clock.now < 300 + LONGEST_PAUSE
    assert [event.missing for event in heard if isinstance(event, Waiting)] == [(f"{name}:arm64",)]


async def test_looks_are_by_head_alone_and_grow_rarer(
    registry: RunningRegistry, repository: str, name: str, stores: Stores
) -> None:
    clock = TurnedClock()
    mark = registry.mark()
    with pytest.raises(TimedOutError):
        await plan_create(waiting_for(name, "arm64"), stores, clock=clock)

    asked = registry.requests_since(mark)
    assert {(one.method, one.status) for one in asked} == {("HEAD", 404)}
    assert len(asked) == len(clock.slept) + 1 < 100
    assert clock.slept[:3] == [0.75, 1.125, 1.6875]
    assert max(clock.slept) <= LONGEST_PAUSE


async def test_at_the_deadline_the_missing_ones_are_named(name: str, stores: Stores) -> None:
    clock = TurnedClock()
    with pytest.raises(TimedOutError) as late:
        await create(waiting_for(name, "amd64", "arm64", "s390x", wait=90), stores, clock=clock)

    assert late.value.what == f"{name}:arm64, {name}:s390x"
    assert late.value.why == "not there after 1m30s"
    assert late.value.exit_code == 10
    assert clock.now == 90


async def test_expected_platforms_are_waited_for_in_a_source_that_grows(
    registry: RunningRegistry, repository: str, name: str, stores: Stores
) -> None:
    arm64 = push_image(registry, repository, "other", config={"architecture": "arm64"})
    amd64 = await digest_of(f"{name}:amd64", stores)
    sizes = {tag: len(skopeo_inspect_raw(f"{name}:{tag}")) for tag in ("amd64", "other")}
    rows = [entry(amd64, sizes["amd64"], {"os": "linux", "architecture": "amd64"})]
    push_index(registry, repository, "growing", rows)
    grown = [*rows, entry(arm64, sizes["other"], {"os": "linux", "architecture": "arm64"})]
    heard: list[Event] = []
    clock = TurnedClock({60.0: lambda: push_index(registry, repository, "growing", grown)})
    creation = await create(waiting_for(name, "growing", expect="amd64 arm64"), stores, heard.append, clock)

    assert len(creation.members) == 2
    assert clock.now >= 60
    assert [event.missing for event in heard if isinstance(event, Waiting)] == [("an image for linux/arm64",)]


async def test_a_platform_that_never_comes_is_named_at_the_deadline(name: str, stores: Stores) -> None:
    with pytest.raises(TimedOutError, match="an image for linux/arm64: not there after 15m"):
        await create(waiting_for(name, "amd64", expect="amd64 arm64"), stores, clock=TurnedClock())


class Flaky(Stores):
    """A place that cannot be reached for the first looks, and then is in memory."""

    def __init__(self, failures: list[Exception]) -> None:
        super().__init__()
        self._failures = failures

    def at(self, place: Place) -> MemoryStore:  # type: ignore[override]
        if self._failures:
            raise self._failures.pop(0)
        return MemoryStore("memory")


async def test_a_registry_that_is_away_for_a_while_is_waited_for_too() -> None:
    heard: list[Event] = []
    source = SourceSpec(Reference.parse("localhost/app:1.0"))
    away: list[Exception] = [UnreachableError("localhost", "no answer")]
    with pytest.raises(TimedOutError, match="localhost/app:1.0: not there after 20s"):
        await Waiter(Flaky(away), 20, heard.append, TurnedClock()).legs([source], ())

    assert [event.text for event in heard if isinstance(event, Note)] == ["localhost: no answer; waiting goes on"]


async def test_a_registry_that_says_no_is_not_waited_for() -> None:
    source = SourceSpec(Reference.parse("localhost/app:1.0"))
    with pytest.raises(DeniedError):
        await Waiter(Flaky([DeniedError("localhost", "no")]), 20, clock=TurnedClock()).legs([source], ())


async def digest_of(name: str, stores: Stores) -> str:
    reference = Reference.parse(name)
    found: Digest = (await stores.at(reference.place).resolve(reference.selector)).digest
    return str(found)
