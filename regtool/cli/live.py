"""One line at the bottom of a terminal that says how far a long run is; nothing where nobody watches."""

import sys
import time

from regtool.transport.visible import visible

_EVERY = 0.1  # seconds between two drawings
_BAR = 20  # characters


class Live:
    """Draws on standard error while it is a terminal, and leaves no trace at the end."""

    def __init__(self, *, wanted: bool) -> None:
        self._shown = wanted and sys.stderr.isatty()
        self._last = 0.0
        self._visible = False

    def update(self, done: int, total: int | None, words: str) -> None:
        """Says how far it is; `total` is None as long as nobody knows."""
        if not self._shown or time.monotonic() - self._last < _EVERY:
            return
        self._last = time.monotonic()
        full = _BAR * done // total if total else 0
        bar = f"[{'#' * full}{' ' * (_BAR - full)}] {done}/{total}" if total else f"{done}"
        self._visible = True
        self._write(f"{bar} {visible(words)}"[:100])

    def clear(self) -> None:
        """Takes the line away."""
        if self._visible:
            self._visible = False
            self._write("")

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
