"""Bounded, ordered fan-out that raises the failure itself.

`asyncio.TaskGroup` wraps failures in an exception group and cancels the siblings. Both are wrong here: callers
catch `NotFoundError`, and a request that is cancelled half-way may have been carried out. So: after the first
failure nothing new starts, what is under way ends, and then that failure is raised as it is.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
A = TypeVar("A")
B = TypeVar("B")

DEFAULT_LIMIT = 16


async def each(
    function: Callable[[Item], Awaitable[Result]], items: Iterable[Item], *, limit: int = DEFAULT_LIMIT
) -> list[Result]:
    """Calls `function` on every item, at most `limit` at a time; the results are in the order of the items.

    Of several failures the one of the earliest item is raised, so that chance decides as little as possible. Whoever
    cancels it cancels all that is under way, which may have something to take back and ends before this does.
    """
    numbered = list(enumerate(items))
    queue = iter(numbered)
    results: dict[int, Result] = {}
    failures: dict[int, Exception] = {}

    async def work() -> None:
        for position, item in queue:
            if failures:
                return
            try:
                results[position] = await function(item)
            except Exception as failure:
                failures[position] = failure

    await _all_of([asyncio.ensure_future(work()) for _ in range(min(limit, len(numbered)))])
    if failures:
        raise failures[min(failures)]
    return [results[position] for position, _ in numbered]


async def _all_of(workers: list[asyncio.Task[None]]) -> None:
    try:
        await asyncio.gather(*workers)
    except asyncio.CancelledError:  # which `gather` passes on to all of them, and leaves with the first that ends
        if workers:
            await asyncio.wait(workers)
        raise


async def stream(
    function: Callable[[Item], Awaitable[Result]], items: AsyncIterable[Item], *, limit: int = DEFAULT_LIMIT
) -> AsyncGenerator[Result, None]:
    """Calls `function` on items as they come, at most `limit` ahead of who takes the results, which keep their order.

    No more than `limit` items and results are held at any time, however many there are.
    """
    ahead: deque[asyncio.Future[Result]] = deque()
    try:
        async for item in items:
            ahead.append(asyncio.ensure_future(function(item)))
            if len(ahead) >= limit:
                yield await ahead.popleft()
        while ahead:
            yield await ahead.popleft()
    finally:
        await asyncio.gather(*ahead, return_exceptions=True)


async def both(first: Awaitable[A], second: Awaitable[B]) -> tuple[A, B]:
    """Runs two different things at once and returns both results; a failure of the first goes before the second's."""
    one, two = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(one, BaseException):
        raise one
    if isinstance(two, BaseException):
        raise two
    return one, two


async def to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs `work` to its end even if it is cancelled meanwhile, as Ctrl-C does; the cancellation goes on after it."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
