"""Waiting for what other jobs have not pushed yet."""

from collections.abc import Sequence

from regtool.concurrency import each
from regtool.errors import RateLimitedError, TimedOutError, UnreachableError
from regtool.model.digest import Digest
from regtool.model.duration import duration_text
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations.events import Listener, Note, Waiting, ignore
from regtool.operations.members import Legs, SourceSpec, resolve_members
from regtool.operations.readback import digest_now
from regtool.planning.guards import unmet
from regtool.stores.places import Stores
from regtool.transport.clock import Clock

FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 1.0, 15.0, 1.5  # seconds, seconds, factor
_PASSING = (UnreachableError, RateLimitedError, TimedOutError)  # a registry may be away for a while meanwhile


class Waiter:
    """Looks for sources until they are there and have the expected platforms, or `seconds` have passed."""

    def __init__(self, stores: Stores, seconds: float, listen: Listener = ignore, clock: Clock | None = None) -> None:
        self._stores = stores
        self._listen = listen
        self._clock = clock or stores.clock
        self._deadline = self._clock.monotonic() + seconds
        self._seconds = seconds
        self._pause = FIRST_PAUSE
        self._told: tuple[str, ...] = ()

    async def legs(self, sources: Sequence[SourceSpec], expected: Sequence[Platform]) -> Legs:
        """What the sources bring once they are complete. Raises TimedOutError that names what is missing.

        Sources are looked for by HEAD, and read again only when one of them has changed.
        """
        while True:
            there = await self._all_there([source.reference for source in sources])
            legs = await resolve_members(sources, self._stores, self._listen)
            missing = unmet((member.platform for member in legs.members if member.platform), expected)
            if not missing:
                return legs
            await self._change(there, tuple(f"an image for {platform}" for platform in missing))

    async def _all_there(self, references: list[Reference]) -> dict[Reference, Digest]:
        found: dict[Reference, Digest] = {}
        while True:
            left = [reference for reference in references if reference not in found]
            looks = await each(self._look, left)
            found |= {reference: digest for reference, digest in zip(left, looks, strict=True) if digest}
            if len(found) == len(references):
                return found
            await self._rest(tuple(str(reference) for reference in references if reference not in found))

    async def _change(self, before: dict[Reference, Digest], missing: tuple[str, ...]) -> None:
        """Returns when one of the sources is another than before."""
        while True:
            await self._rest(missing)
            looks = await each(self._look, before)
            if any(now and now != was for now, was in zip(looks, before.values(), strict=True)):
                return

    async def _look(self, reference: Reference) -> Digest | None:
        try:
            return await digest_now(self._stores.at(reference.place), reference.selector)
        except _PASSING as failure:
            self._listen(Note(f"{failure}; waiting goes on"))
            return None

    async def _rest(self, missing: tuple[str, ...]) -> None:
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            raise TimedOutError(
                ", ".join(missing),
                f"not there after {duration_text(self._seconds)}",
                "see whether the job that pushes it failed, or wait longer with --wait",
            )
        if missing != self._told:
            self._listen(Waiting(missing, left))
            self._told = missing
        pause = self._pause * (0.5 + self._clock.chance() / 2)
        self._pause = min(LONGEST_PAUSE, self._pause * GROWTH)
        await self._clock.sleep(min(left, pause))
