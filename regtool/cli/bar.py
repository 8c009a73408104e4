"""What the live line says of blobs on their way: how much has passed, how fast, and how long it will take."""

import time
from collections.abc import Callable, Iterable

from regtool.cli.live import Live, meter
from regtool.cli.render.table import size
from regtool.documents.descriptor import Descriptor
from regtool.model.digest import Digest
from regtool.operations import events
from regtool.planning.plan import Plan

_BEGINNING = 0.5  # seconds before a speed means something


class Bar:
    """The blobs of a run. Nothing is drawn before anything passes."""

    def __init__(self, live: Live, clock: Callable[[], float] = time.monotonic) -> None:
        self._live = live
        self._clock = clock
        self._wanted: dict[Digest, int] = {}  # sizes of what is not done yet, or was brought
        self._passed: dict[Digest, int] = {}
        self._began = 0.0

    def expect(self, plans: Iterable[Plan]) -> None:
        """Takes what these plans will bring at most."""
        self._wanted |= {move.blob.digest: move.blob.size for plan in plans for move in plan.blobs}

    def hear(self, event: events.Event) -> bool:
        """Takes an event; True if the bar shows it, so that no line is needed."""
        match event:
            case events.BlobPassing(blob, passed):
                self._pass(blob, passed)
                return True
            case events.BlobPlaced(blob, how):
                if how == "uploaded":
                    self._pass(blob, blob.size)
                else:
                    self._wanted.pop(blob.digest, None)
                return True
            case _:
                return False

    def _pass(self, blob: Descriptor, passed: int) -> None:
        now = self._clock()
        self._began = self._began or now
        self._wanted.setdefault(blob.digest, blob.size)
        self._passed[blob.digest] = passed
        self._live.draw(lambda: self.line(now))

    def line(self, now: float) -> str:
        """The bar as it stands."""
        passed, total = sum(self._passed.values()), sum(self._wanted.values())
        done = sum(self._passed.get(digest) == length for digest, length in self._wanted.items())
        words = [f"{size(passed)} of {size(total)}", f"{done}/{len(self._wanted)} blobs"]
        seconds = now - self._began
        if seconds >= _BEGINNING and passed:
            speed = passed / seconds
            words += [f"{size(int(speed))}/s", f"{(total - passed) / speed:.0f} s left"]
        return f"{meter(passed, total)} {', '.join(words)}"
