import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from regtool.concurrency import DEFAULT_LIMIT, both, each, stream, to_the_end
from regtool.errors import NotFoundError

Result = TypeVar("Result")


@dataclass
class Watch:
    """Counts what has started, what is under way, and what has ended."""

    started: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    most: int = 0

    @asynccontextmanager
    async def over(self, item: int) -> AsyncIterator[None]:
        self.started.append(item)
        self.most = max(self.most, len(self.started) - len(self.ended))
        yield
        self.ended.append(item)


async def a_while(turns: int) -> None:
    """Lets the others go on, so many times."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def test_results_are_in_the_order_of_the_items_whatever_ends_first() -> None:
    async def twice(item: int) -> int:
        await a_while(10 - item)
        return 2 * item

    assert await each(twice, range(10)) == [2 * item for item in range(10)]


async def test_nothing_to_do_is_done() -> None:
    async def never(item: int) -> int:
        raise AssertionError(item)

    assert await each(never, []) == []


async def test_who_cancels_it_waits_for_what_is_taken_back() -> None:
    taken_back: list[int] = []

    async def work(item: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await a_while(item)
            taken_back.append(item)

    task = asyncio.ensure_future(each(work, range(5)))
    await a_while(3)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert taken_back == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("limit", [1, 3, DEFAULT_LIMIT])
async def test_no_more_than_the_limit_run_at_once_and_no_fewer(limit: int) -> None:
    watch = Watch()

    async def work(item: int) -> None:
        async with watch.over(item):
            await a_while(3)

    await each(work, range(40), limit=limit)

    assert watch.most == limit
    assert sorted(watch.ended) == list(range(40))


async def test_items_may_come_from_a_generator() -> None:
    async def same(item: int) -> int:
        return item

    assert await each(same, (item for item in range(3))) == [0, 1, 2]


async def test_the_failure_itself_is_raised() -> None:
    failure = NotFoundError("app:1.0", "not there")

    async def work(item: int) -> None:
        if item == 1:
            raise failure

    with pytest.raises(NotFoundError) as raised:
        await each(work, range(3))

    assert raised.value is failure


async def test_of_several_failures_that_of_the_earliest_item_is_raised() -> None:
    async def work(item: int) -> None:
        await a_while(10 - item)
        raise NotFoundError(str(item), "not there")

    with pytest.raises(NotFoundError, match="^0: not there"):
        await each(work, range(5), limit=5)


async def test_after_a_failure_nothing_starts_and_what_is_under_way_ends() -> None:
    watch = Watch()

    async def work(item: int) -> None:
        async with watch.over(item):
            await a_while(2 if item == 1 else 5)
            if item == 1:
                watch.ended.append(item)
                raise NotFoundError("1", "not there")

    with pytest.raises(NotFoundError):
        await each(work, range(20), limit=3)

    assert watch.started == [0, 1, 2]
    assert sorted(watch.ended) == [0, 1, 2]


async def test_cancelling_from_outside_reaches_all() -> None:
    cancelled: list[int] = []

    async def work(item: int) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(item)
            raise

    task = asyncio.ensure_future(each(work, range(5), limit=2))
    await a_while(3)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled == [0, 1]


def after(turns: int, outcome: Callable[[], Result]) -> Coroutine[None, None, Result]:
    async def run() -> Result:
        await a_while(turns)
        return outcome()

    return run()


def fail(what: str) -> Callable[[], str]:
    def outcome() -> str:
        raise NotFoundError(what, "not there")

    return outcome


@pytest.mark.parametrize(("first", "second"), [(0, 3), (3, 0)])
async def test_both_results_come_back_in_their_places(first: int, second: int) -> None:
    assert await both(after(first, lambda: "one"), after(second, lambda: 2)) == ("one", 2)


@pytest.mark.parametrize(("first", "second"), [(0, 3), (3, 0)])
async def test_the_failure_of_the_first_goes_before_the_seconds(first: int, second: int) -> None:
    with pytest.raises(NotFoundError, match="^one: not there"):
        await both(after(first, fail("one")), after(second, fail("two")))


async def test_one_failure_is_enough_but_the_other_runs_to_its_end() -> None:
    done: list[str] = []

    with pytest.raises(NotFoundError, match="^two: not there"):
        await both(after(3, lambda: done.append("one")), after(0, fail("two")))

    assert done == ["one"]


async def test_both_run_at_once() -> None:
    met = asyncio.Barrier(2)

    assert sorted(await both(met.wait(), met.wait())) == [0, 1]


class TestStream:
    @staticmethod
    async def numbers(count: int, taken: list[int] | None = None) -> AsyncIterator[int]:
        for number in range(count):
            if taken is not None:
                taken.append(number)
            yield number

    async def test_gives_the_results_in_the_order_of_the_items(self) -> None:
        async def work(number: int) -> int:
            await asyncio.sleep(0.001 * (number % 3))
            return number * 2

        assert [result async for result in stream(work, self.numbers(20), limit=4)] == [n * 2 for n in range(20)]

    async def test_runs_no_further_ahead_than_its_limit(self) -> None:
        taken: list[int] = []

        async def work(number: int) -> int:
            return number

        async for result in stream(work, self.numbers(50, taken), limit=5):
            assert len(taken) <= result + 5 + 1

    async def test_ends_what_is_under_way_before_a_failure_goes_on(self) -> None:
        ended: list[int] = []

        async def work(number: int) -> int:
            await asyncio.sleep(0.001 * number)
            if number == 0:
                raise NotFoundError("it", "is gone")
            ended.append(number)
            return number

        with pytest.raises(NotFoundError):
            async for _ in stream(work, self.numbers(10), limit=3):
                pass

        assert ended == [1, 2]


class TestToTheEnd:
    async def test_hands_on_the_result(self) -> None:
        assert await to_the_end(asyncio.sleep(0, "done")) == "done"

    async def test_a_cancellation_waits_for_the_end_and_goes_on(self) -> None:
        ended: list[str] = []

        async def work() -> None:
            waiting.cancel()
            await asyncio.sleep(0.01)
            ended.append("work")

        waiting = asyncio.ensure_future(to_the_end(work()))
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert ended == ["work"]

    async def test_a_failure_after_the_cancellation_is_raised(self) -> None:
        async def work() -> None:
            waiting.cancel()
            await asyncio.sleep(0)
            raise NotFoundError("thing", "is not there")

        waiting = asyncio.ensure_future(to_the_end(work()))
        with pytest.raises(NotFoundError):
            await waiting
