"""A clock that a test turns."""

from collections.abc import Callable


class TurnedClock:
    """Time that passes only in `sleep`. `meanwhile` is what happens at certain moments: seconds -> action."""

    def __init__(self, meanwhile: dict[float, Callable[[], object]] | None = None) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._meanwhile = dict(meanwhile or {})

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def chance(self) -> float:
        return 0.5

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        for moment in [moment for moment in self._meanwhile if moment <= self.now]:
            self._meanwhile.pop(moment)()
