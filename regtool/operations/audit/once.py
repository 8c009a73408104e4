"""Work that is done once for a key, however many ask for it at the same time."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Once(Generic[Key, Value]):
    """Remembers up to `limit` results; the one that was not asked for longest is forgotten first.

    Failures are not remembered, but all who wait for the same work see the same one.
    """

    def __init__(self, work: Callable[[Key], Awaitable[Value]], limit: int) -> None:
        self._work = work
        self._limit = limit
        self._tasks: OrderedDict[Key, asyncio.Future[Value]] = OrderedDict()

    async def get(self, key: Key) -> Value:
        """The result for `key`."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(self._work(key))
            self._forget()
        self._tasks.move_to_end(key)
        try:
            return await asyncio.shield(task)
        except Exception:
            self._tasks.pop(key, None)
            raise

    def _forget(self) -> None:
        """Forgets the oldest beyond the limit; work that is under way is not interrupted by that."""
        while len(self._tasks) > self._limit:
            self._tasks.popitem(last=False)
