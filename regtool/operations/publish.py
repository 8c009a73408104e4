"""Carrying out plans: the only place that writes.

The order is the promise: blobs, then the manifests that need them, then the list, then the tags. Everything is in
place everywhere before the first tag moves, so a run that is cut off anywhere has changed nothing that anyone pulls,
or one tag from one whole list to another, and the next run finishes it. If a tag cannot be moved, those that were
are put back. A tag counts as written only when it has been read back and its bytes have the digest that was meant.
"""

from collections.abc import Callable, Iterable, Sequence

from regtool.concurrency import each
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, RegtoolError, TimedOutError, UnreachableError
from regtool.model.reference import Tag
from regtool.operations.events import Listener, TagMoved, ignore
from regtool.operations.placing import put_in_place
from regtool.operations.putback import put_back
from regtool.operations.readback import await_visible, digest_now
from regtool.planning.plan import Plan, TagMove
from regtool.stores.places import Stores
from regtool.stores.protocols import Commits, Store, TagsTogether

Journal = Callable[[Sequence[Plan]], None]
Moved = tuple[Plan, TagMove]


def keep_no_journal(plans: Sequence[Plan]) -> None:
    """Records nothing."""


async def publish(
    plans: Plan | Iterable[Plan], stores: Stores, listen: Listener = ignore, journal: Journal = keep_no_journal
) -> None:
    """Writes everything that the plans name, and verifies what it wrote. Nothing is written for a tag that fits.

    `journal` is told right before the first tag moves. Raises ConflictError if a guarded tag has moved, PartialError
    if moved tags could not be put back, NotVisibleError, or the error that stopped it.
    """
    due = [plan for plan in ([plans] if isinstance(plans, Plan) else plans) if not plan.writes_nothing]
    await put_in_place(due, stores, listen)
    await each(lambda plan: _refuse_moved(plan, stores.at(plan.target)), due)
    journal(due)
    moved: list[Moved] = []
    try:
        for plan in due:
            await _move_tags(plan, stores.at(plan.target), moved)
        await _commit(due, stores)
    except RegtoolError as reason:
        raise await put_back(moved, reason, stores, listen) from reason
    await each(lambda one: _read_back(*one, stores, listen), moved)


async def _commit(plans: Sequence[Plan], stores: Stores) -> None:
    """Has the places that keep everything to themselves until the end make it visible."""
    for place in dict.fromkeys(plan.target for plan in plans):
        store = stores.at(place)
        if isinstance(store, Commits):
            await store.commit()


async def _refuse_moved(plan: Plan, target: Store) -> None:
    """A guarded plan holds only for what its tags held. A tag that did not exist was compared with nothing."""
    guarded = [move for move in plan.moves if plan.guarded and move.was]
    for move, now in zip(guarded, await each(lambda move: digest_now(target, move.tag), guarded), strict=True):
        if now not in (move.was, move.to):
            raise ConflictError(
                str(plan.target.at(move.tag)), f"moved from {move.was} to {now} meanwhile", "look at it, and run again"
            )


async def _move_tags(plan: Plan, target: Store, moved: list[Moved]) -> None:
    """Moves the tags in the order of the plan; those that the registry can take together go together."""
    confirmed: frozenset[Tag] = frozenset()
    if len(plan.moves) > 1 and isinstance(target, TagsTogether):
        confirmed = await target.tag_together(plan.root, [move.tag for move in plan.moves])
    moved += [(plan, move) for move in plan.moves if move.tag in confirmed]
    for move in plan.moves:
        if move.tag not in confirmed:
            await _move(plan.root, move, target)
            moved.append((plan, move))


async def _move(root: Manifest, move: TagMove, target: Store) -> None:
    """Writes one tag. A write whose answer was lost, or that an immutable tag refuses although it fits, counts."""
    try:
        await target.tag(root, move.tag)
    except (ConflictError, UnreachableError, TimedOutError):
        if await digest_now(target, move.tag) != root.digest:
            raise


async def _read_back(plan: Plan, move: TagMove, stores: Stores, listen: Listener) -> None:
    reference = plan.target.at(move.tag)
    await await_visible(stores.at(plan.target), reference, plan.root.digest)
    listen(TagMoved(reference, move.to, move.was))
