"""When the time for a request is over: on the clock, not per read, so that a dripping server cannot stretch it."""

from collections.abc import Callable


class Deadline:
    """A moment in monotonic time, after which nothing is waited for.

    A transfer has no total time. It restarts its deadline with each portion that got through, which makes the deadline
    a floor of throughput: one portion within `seconds`.
    """

    __slots__ = ("_moment", "monotonic", "seconds")

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self.seconds = seconds
        self.monotonic = monotonic
        self._moment = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, 0 when it has passed."""
        return max(0.0, self._moment - self.monotonic())

    def restart(self) -> None:
        """Gives the full time again, from now."""
        self._moment = self.monotonic() + self.seconds

    def extend(self, seconds: float) -> None:
        """Moves the deadline, by time that was not spent on waiting for the other side."""
        self._moment += seconds
