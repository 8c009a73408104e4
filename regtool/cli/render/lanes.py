"""Several programs' output side by side: each line begins with its lane's name."""

import os
import sys
from collections.abc import Callable, Sequence

from regtool.model.platform import Platform
from regtool.transport.visible import visible

_COLOURS = (36, 35, 33, 32, 34, 31)  # ANSI foreground: cyan, magenta, yellow, green, blue, red
_RESET = "\x1b[0m"


class Lanes:
    """Prefixes lines with their platform, all prefixes of one width, in colour on a terminal."""

    def __init__(
        self, platforms: Sequence[Platform], say: Callable[[str], None], *, colour: bool | None = None
    ) -> None:
        self._say = say
        self._names = {platform: str(platform) for platform in platforms}
        self._width = max(map(len, self._names.values()), default=0)
        self._order = {platform: number for number, platform in enumerate(platforms)}
        self._colour = _is_terminal() if colour is None else colour

    def hear(self, platform: Platform, line: str) -> None:
        """Hears a line of one platform's build; empty ones are left out."""
        if not line.strip():
            return
        name = f"[{self._names[platform]}]".ljust(self._width + 2)
        if self._colour:
            name = f"\x1b[{_COLOURS[self._order[platform] % len(_COLOURS)]}m{name}{_RESET}"
        self._say(f"{name} {visible(line)}")


def _is_terminal() -> bool:
    return sys.stderr.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
