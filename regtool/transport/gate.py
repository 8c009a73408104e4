"""The way to one server: so many requests at a time, and none while it wants to be left alone.

A server that says "later" is left in peace by all requests, and is asked again by one of them first.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from regtool.transport.clock import Clock
from regtool.transport.deadline import Deadline


class GateClosed(Exception):
    """The server wants to be left alone for longer than the request may take; `seconds` are left of that."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Slot:
    """The right to have one request on the way. Giving it back twice is fine."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots: asyncio.Semaphore | None = slots

    def release(self) -> None:
        """Lets the next request go."""
        if self._slots:
            self._slots.release()
        self._slots = None


class Gate:
    """Open, or closed until a moment. After that one request goes first, to see."""

    def __init__(self, clock: Clock, concurrency: int) -> None:
        self._clock = clock
        self._slots = {upload: asyncio.Semaphore(concurrency) for upload in (False, True)}
        self._until: float | None = None
        self._first = asyncio.Lock()

    def close(self, seconds: float) -> None:
        """Nobody passes for so many seconds."""
        self._until = max(self._until or 0.0, self._clock.monotonic() + seconds)

    def open(self) -> None:
        """Everybody passes."""
        self._until = None

    async def slot(self, *, upload: bool = False) -> Slot:
        """Waits until there is room for one more request.

        Uploads have slots of their own: what they send may be coming from the same server, and must not wait for them.
        """
        await self._slots[upload].acquire()
        return Slot(self._slots[upload])

    @asynccontextmanager
    async def passage(self, deadline: Deadline, *, upload: bool = False) -> AsyncIterator[None]:
        """Waits until the way is open, or until this request is the one to try. Raises GateClosed."""
        if self._is_closed():
            async with self._turn(deadline):
                if self._is_closed():  # still, after the others that were first
                    await self._wait(deadline)
                    if not upload:
                        yield
                        return
                    self.open()  # for what it sends, too: whoever brings that from here would wait for this very turn
        yield

    @asynccontextmanager
    async def _turn(self, deadline: Deadline) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(deadline.remaining()):
                await self._first.acquire()
        except TimeoutError:
            raise GateClosed(self._left()) from None
        try:
            yield
        finally:
            self._first.release()

    async def _wait(self, deadline: Deadline) -> None:
        if self._left() > deadline.remaining():
            raise GateClosed(self._left())
        await self._clock.sleep(self._left())

    def _is_closed(self) -> bool:
        return self._until is not None

    def _left(self) -> float:
        return max(0.0, (self._until or 0.0) - self._clock.monotonic())
