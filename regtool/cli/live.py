"""One line at the bottom of a terminal that is drawn anew while something takes long; nothing where nobody watches."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from regtool.transport.visible import visible

_PAUSE = 0.1  # seconds between two drawings
_WIDTH = 20  # characters of a meter


class Live:
    """Draws on `stream` if it is a terminal and that is `wanted`, and leaves no trace at the end."""

    def __init__(self, stream: TextIO, *, wanted: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._drawn = 0.0
        self._visible = False
        self.is_shown = wanted and stream.isatty()

    def draw(self, text: Callable[[], str]) -> None:
        """Shows a text in the place of the last one, unless that was only a moment ago."""
        now = self._clock()
        if self.is_shown and now - self._drawn >= _PAUSE:
            self._drawn, self._visible = now, True
            import shutil  # what it brings along is not for runs that draw nothing

            self._write(visible(text())[: shutil.get_terminal_size().columns - 1])  # what wraps cannot be taken away

    def clear(self) -> None:
        """Takes the line away, to make room for words."""
        if self._visible:
            self._visible = False
            self._write("")

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the terminal may have gone
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()


def meter(done: int, total: int) -> str:
    """How much of something is done, as a picture."""
    full = _WIDTH * done // total if total else 0
    return f"[{'=' * full}{' ' * (_WIDTH - full)}]"
