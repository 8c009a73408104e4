"""Ending early. The first signal lets what is under way end, or be given up; the program leaves within two seconds.

A second signal ends it at once. While the user is asked for something there is nothing under way, so one is enough.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

PATIENCE = 1.5  # seconds for what is under way
LIMIT = 2.0  # seconds until the program is gone
_WORDS = {"SIGINT": "Ctrl-C", "SIGTERM": "SIGTERM", "SIGHUP": "SIGHUP"}  # as far as the system has them
_SIGNALS = {getattr(signal, name): words for name, words in _WORDS.items() if hasattr(signal, name)}


class Interrupted(Exception):
    """The work was given up because of a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.words = _SIGNALS[number]
        self.exit_code = 128 + number  # as shells count


class _Interrupter:
    """What signals do to one piece of work."""

    asking = False

    def __init__(self, task: asyncio.Task[None], loop: asyncio.AbstractEventLoop) -> None:
        self._task = task
        self._loop = loop
        self.received: int | None = None

    def __call__(self, number: int, _: FrameType | None) -> None:
        """Runs in the main thread, wherever that is."""
        if _Interrupter.asking:
            raise KeyboardInterrupt
        if self.received is not None:
            _leave(number)
        self.received = number
        self._loop.call_soon_threadsafe(self._end)
        # A thread, as the loop may be stuck: waiting for standard input, say.
        watch = threading.Timer(LIMIT, _give_up, [number])
        watch.daemon = True
        watch.start()

    def _end(self) -> None:
        self._task.cancel()
        # The second time also what must not be left half-way, such as the tags that belong together.
        self._loop.call_later(PATIENCE, self._task.cancel)


async def interruptible(work: Coroutine[Any, Any, None]) -> None:
    """Runs `work`. Raises Interrupted if a signal ended it."""
    task = asyncio.ensure_future(work)
    interrupter = _Interrupter(task, asyncio.get_running_loop())
    # What the caller has told the system to ignore stays ignored, as `nohup` does with SIGHUP.
    heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupter) for number in heard}
    try:
        await task
    except asyncio.CancelledError:
        if interrupter.received is None:
            raise
        raise Interrupted(interrupter.received) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def asking() -> Iterator[None]:
    """While the user is asked: a signal ends the question, and so the program."""
    _Interrupter.asking = True
    try:
        yield
    finally:
        _Interrupter.asking = False


def _give_up(number: int) -> None:
    with suppress(OSError):
        sys.stderr.write(f"regtool: interrupted by {_SIGNALS[number]}\n")
    _leave(number)


def _leave(number: int) -> None:
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(128 + number)
