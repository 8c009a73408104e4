"""Carrying out plans: the only place that writes.

The order is the promise: blobs, then the manifests that need them, then the list, then the tags. Everything is in
place everywhere before the first tag moves, so a run that is cut off anywhere has changed nothing that anyone pulls,
or one tag from one whole list to another, and the next run finishes it. If a tag cannot be moved, those that were
are put back. A tag counts as written only when it has been read back and its bytes have the digest that was meant.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from regtool.concurrency import each, to_the_end
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, MissingPartError, MovedError, RegtoolError, TimedOutError, UnreachableError
from regtool.operations.events import Bringing, CutOff, Listener, TagMoved, ignore
from regtool.operations.ledger import Fate, Ledger, Move
from regtool.operations.parts import naming_the_missing, write_once_known
from regtool.operations.placing import put_in_place
from regtool.operations.putback import put_back
from regtool.operations.readback import Written, await_visible, digest_now
from regtool.planning.plan import Plan, TagMove
from regtool.stores.places import Stores
from regtool.stores.protocols import Commits, Compares, Store, TagsTogether
from regtool.transport.clock import Clock

Journal = Callable[[Sequence[Plan]], None]


def keep_no_journal(plans: Sequence[Plan]) -> None:
    """Records nothing."""


async def publish(
    plans: Plan | Iterable[Plan], stores: Stores, listen: Listener = ignore, journal: Journal = keep_no_journal
) -> None:
    """Writes everything that the plans name, and verifies what it wrote. Nothing is written for a tag that fits.

    `journal` is told right before the first tag moves. Raises MovedError if a guarded tag has moved, PartialError
    if moved tags could not be put back, NotVisibleError, or the error that stopped it; its `tags` say what became of
    each.
    """
    due = [plan for plan in ([plans] if isinstance(plans, Plan) else plans) if not plan.writes_nothing]
    ledger = Ledger.of(due)
    listen(Bringing(tuple(due)))
    try:
        await _prepare(due, ledger, stores, listen)
        journal(due)
        # Whoever interrupts it now gets all of the tags, or none.
        await to_the_end(_move_all(due, ledger, stores, listen))
        await _read_back(ledger, stores, listen)
    except asyncio.CancelledError:
        listen(CutOff(ledger.cut_off()))
        raise


async def _prepare(plans: Sequence[Plan], ledger: Ledger, stores: Stores, listen: Listener) -> None:
    try:
        await put_in_place(plans, stores, listen)
        await each(lambda move: _refuse_moved(move, stores), ledger.moves)
    except RegtoolError as reason:
        ledger.blame(reason)
        raise


async def _move_all(plans: Sequence[Plan], ledger: Ledger, stores: Stores, listen: Listener) -> None:
    try:
        for plan in plans:
            await _move_tags(plan, stores.at(plan.target), ledger, stores.clock)
        await _commit(plans, stores)
    except RegtoolError as reason:
        raise await put_back(ledger, reason, stores, listen) from reason


async def _commit(plans: Sequence[Plan], stores: Stores) -> None:
    """Has the places that keep everything to themselves until the end make it visible."""
    for place in dict.fromkeys(plan.target for plan in plans):
        store = stores.at(place)
        if isinstance(store, Commits):
            await store.commit()


async def _refuse_moved(move: Move, stores: Stores) -> None:
    """A guard holds only for what the tag held. One that did not exist was compared with nothing, unless asked for."""
    was, conditional = move.tag.was, move.tag.conditional
    if not (conditional or (move.plan.guarded and was)):
        return
    now = await digest_now(stores.at(move.plan.target), move.tag.tag)
    if now not in (was, move.tag.to):
        raise MovedError(
            str(move.reference), f"moved from {was or 'not existing'} to {now or 'not existing'} meanwhile",
            "look at it, and run again",
        )  # fmt: skip


async def _move_tags(plan: Plan, target: Store, ledger: Ledger, clock: Clock) -> None:
    """Moves the tags of one plan: first those that depend on a condition, then together what can go together."""
    moves = [move for move in ledger.moves if move.plan is plan]
    for move in [move for move in moves if move.tag.conditional]:
        await _move(move, target, ledger, clock)
    left = [move for move in moves if not move.tag.conditional]
    if len(left) > 1 and isinstance(target, TagsTogether):
        ledger.try_now(left)
        confirmed = await target.tag_together(plan.root, [move.tag.tag for move in left])
        ledger.accepted |= {move for move in left if move.tag.tag in confirmed}
    for move in left:
        if move not in ledger.accepted:
            await _move(move, target, ledger, clock)


async def _move(move: Move, target: Store, ledger: Ledger, clock: Clock) -> None:
    """Writes one tag. A write whose answer was lost, or that an immutable tag refuses although it fits, counts."""
    plan, tag = move.plan, move.tag

    async def write() -> None:
        await (_compare_and_move(plan.root, tag, target) if tag.conditional else target.tag(plan.root, tag.tag))

    ledger.try_now([move])
    try:
        await write_once_known(write, clock, just_brought=bool(plan.blobs or plan.children))
    except MissingPartError as refusal:
        raise await naming_the_missing(refusal, plan.root, target) from refusal
    except (ConflictError, UnreachableError, TimedOutError):
        if await digest_now(target, tag.tag) != plan.root.digest:
            raise
    ledger.accepted.add(move)


async def _compare_and_move(root: Manifest, move: TagMove, target: Store) -> None:
    """Writes a tag if it still is what it was, as far as the place can tell."""
    if not isinstance(target, Compares):
        return await target.tag(root, move.tag)
    try:
        await target.tag_if(root, move.tag, move.was)
    except ConflictError as refusal:
        now = await digest_now(target, move.tag)
        if now == move.was:  # the condition held, so something else is refused: the plain write says what
            return await target.tag(root, move.tag)
        if now != root.digest:
            raise MovedError(refusal.what, f"moved to {now} meanwhile", "look at it, and run again") from refusal


async def _read_back(ledger: Ledger, stores: Stores, listen: Listener) -> None:
    """Reads every tag back, to the end even if one fails; then raises the first failure."""

    async def verify(move: Move) -> RegtoolError | None:
        store, tag = stores.at(move.plan.target), move.tag

        async def write_again() -> None:
            if not tag.conditional:
                await store.tag(move.plan.root, tag.tag)

        try:
            await await_visible(store, Written(move.reference, tag.to, tag.was, write_again), stores.clock)
        except RegtoolError as failure:
            ledger.fates[move.reference] = Fate.TAKEN if isinstance(failure, MovedError) else Fate.INVISIBLE
            return failure
        ledger.fates[move.reference] = Fate.WRITTEN
        listen(TagMoved(move.reference, tag.to, tag.was))
        return None

    failures = [failure for failure in await each(verify, ledger.moves) if failure]
    if failures:
        raise ledger.blame(failures[0])
