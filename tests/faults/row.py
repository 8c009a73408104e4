"""One row of the fault matrix."""

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import KW_ONLY, dataclass
from enum import Enum

from regtool.operations.delete import delete
from regtool.operations.remove import RemoveRequest, plan_remove
from regtool.stores.places import Stores
from tests.faults.world import TAG, Outcome, World

Work = Callable[[World], Awaitable[Outcome]]


async def create(world: World) -> Outcome:
    """What most rows do."""
    return await world.create()


async def remove(world: World) -> Outcome:
    """Removes one of the images, as `regtool rm` does."""

    async def work(stores: Stores) -> None:
        digest = json.loads(world.fetch("manifests/1.0") or b"{}")["manifests"][0]["digest"]
        request = RemoveRequest.parse([f"{world.host}/{world.repository}@{digest}"], force=True)
        for removal in (await plan_remove(request, stores)).removals:
            await delete(removal, stores)

    return await world.run(work)


class After(Enum):
    """What a tag is when a run has ended."""

    NEW = "what was asked for"
    OLD = "what it was"
    OTHER = "what another job made it"


@dataclass(frozen=True)
class Row:
    """A fault, and what a user sees of it.

    `arrange` sets it up. `code` is the exit code; the message is in docs/exit-codes.md. The tag is `after` at the end:
    new if the run succeeded and old if not, unless the row says otherwise. `check` looks at more. Afterwards the fault
    is taken away and the same work has to succeed, unless `heals` says that there is nothing to do again.
    """

    number: int
    fault: str
    arrange: Callable[[World], object]
    _: KW_ONLY
    work: Work = create
    code: int = 0
    after: After | None = None
    check: Callable[[World], object] | None = None
    heals: bool = True
    fates: tuple[str, ...] | None = None  # what is said of each tag
    silent: bool = False  # a program that ends at once says nothing
    layer: int = 64  # bytes of each layer

    @property
    def name(self) -> str:
        """A name for tests."""
        return f"{self.number}: {self.fault}"

    async def play(self, world: World) -> Outcome:
        """Runs the row, and looks that nothing was lost. Returns what the user saw."""
        await _awaited(self.arrange(world))
        before = world.now()
        world.outcome = outcome = await self.work(world)
        assert outcome.code == self.code, f"exit code {outcome.code}: {outcome.message}"
        assert bool(outcome.message) == (bool(outcome.code) and not self.silent)
        self._look(world, before)
        assert self.fates is None or tuple(outcome.tags.values()) == self.fates
        if self.check:
            await _awaited(self.check(world))
        if self.heals:
            world.heal()
            again = await self.work(world)
            assert again.code == 0, f"a run afterwards: {again.message}"
            assert world.now() == world.expected
        return outcome

    def _look(self, world: World, before: str | None) -> None:
        after = self.after or (After.OLD if self.code else After.NEW)
        if after is not After.OTHER:
            assert world.now(TAG) == (before if after is After.OLD else world.expected), "the tag"


async def _awaited(value: object) -> None:
    if inspect.isawaitable(value):
        await value
