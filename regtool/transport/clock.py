"""Time and chance, so that tests can have their own."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What waits are made of."""

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        ...

    def time(self) -> float:
        """Seconds since 1970, as the machine believes."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Returns after so many seconds."""
        ...

    def chance(self) -> float:
        """A number from 0 up to 1."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since 1970, as the machine believes."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Returns after so many seconds."""
        await asyncio.sleep(seconds)

    def chance(self) -> float:
        """A number from 0 up to 1."""
        import random

        return random.random()
