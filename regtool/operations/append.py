"""`create --append`: adding to a tag to which other jobs may add at the same time.

Registries differ in what they offer against lost updates. One that knows conditional writes refuses the second of two
writers, which then merges again. Most do not: there the tag is looked at right before the write, and again a while
after it, until it has been quiet for that while with everything of ours in it; whoever finds something of his gone
merges again. What remains is a writer that is stuck between its look and its write for longer than the others watch.
"""

from dataclasses import replace

from regtool.errors import ConflictError, MovedError
from regtool.model.digest import Digest
from regtool.model.reference import Reference
from regtool.operations.create_request import CreateRequest
from regtool.operations.events import Chosen, Listener, Note, ignore
from regtool.operations.keep_old import keep_old
from regtool.operations.members import Legs
from regtool.operations.merging import Creation, plan_merge, read_sources, read_targets
from regtool.operations.publish import Journal, keep_no_journal, publish
from regtool.stores.places import Stores
from regtool.transport.clock import Clock

PATIENCE = 180.0  # seconds to keep merging while others write
QUIET = 0.5  # seconds at least that the tag has to stay as it is
LONGEST_QUIET = 5.0
_SLOWER = 2.0  # a slow registry is watched for longer: this many times what our own write took


async def append(
    request: CreateRequest,
    stores: Stores,
    listen: Listener = ignore,
    clock: Clock | None = None,
    journal: Journal = keep_no_journal,
) -> Creation:
    """Adds the sources to each tag, and stays until they are seen to stay there.

    Raises ConflictError if other jobs keep writing for too long.
    """
    return await _Appending(request, stores, listen, clock or stores.clock, journal).run()


class _Appending:
    def __init__(
        self, request: CreateRequest, stores: Stores, listen: Listener, clock: Clock, journal: Journal
    ) -> None:
        self._request = request
        self._stores = stores
        self._listen = listen
        self._clock = clock
        self._journal = journal
        self._quiet = QUIET
        self._lost = 0

    async def run(self) -> Creation:
        legs = await read_sources(self._request, self._stores, self._listen, self._clock)
        first = creation = await self._plan(legs)
        self._listen(Chosen(self._request.first, creation.members))
        deadline = self._clock.monotonic() + PATIENCE
        seen: dict[Reference, Digest] | None = None  # what the tags held at the last look, since we began to write
        while not (creation.writes_nothing and seen in (None, _digests(creation))):
            if self._clock.monotonic() > deadline:
                raise ConflictError(
                    str(self._request.first), f"other jobs kept moving it for {PATIENCE:.0f} s", "run again"
                )
            seen = {}
            if creation.writes_nothing or await self._published(creation):
                seen = _digests(creation)
                await self._clock.sleep(self._quiet * (1 + self._clock.chance()))
            creation = await self._plan(legs)
        return _since(first, creation)

    async def _plan(self, legs: Legs) -> Creation:
        held = await read_targets(self._request, self._stores)
        return await plan_merge(self._request, legs, held, self._stores, self._listen)

    async def _published(self, creation: Creation) -> bool:
        """Writes, unless another job was faster."""
        started = self._clock.monotonic()
        try:
            plans = await keep_old(creation.plans, self._request.keep_old, self._stores)
            await publish(plans, self._stores, self._listen, self._journal)
        except MovedError as moved:
            self._lost += 1
            self._listen(Note(f"{moved.what} was moved by another job; merging again"))
            await self._clock.sleep(self._clock.chance() * min(2.0, 0.1 * 2**self._lost))
            return False
        took = self._clock.monotonic() - started
        self._quiet = min(LONGEST_QUIET, max(self._quiet, _SLOWER * took))
        return True


def _digests(creation: Creation) -> dict[Reference, Digest]:
    """What each tag holds once the plans are carried out."""
    return {plan.target.at(move.tag): move.to for plan in creation.plans for move in plan.tags}


def _since(first: Creation, last: Creation) -> Creation:
    """What was written from the first look to the last."""
    was = {plan.target.at(move.tag): move.was for plan in first.plans for move in plan.tags}
    plans = tuple(
        replace(plan, tags=tuple(replace(move, was=was[plan.target.at(move.tag)]) for move in plan.tags))
        for plan in last.plans
    )
    return replace(last, plans=plans, before=first.before)
