"""Taking back a publication that could not be finished."""

from regtool.errors import NotFoundError, PartialError, RegtoolError
from regtool.operations.events import Listener, Note
from regtool.operations.ledger import Fate, Ledger, Move
from regtool.operations.readback import digest_now
from regtool.planning.plan import TagMove
from regtool.stores.places import Stores
from regtool.stores.protocols import Deletes, Store

_LOST = (Fate.LEFT, Fate.UNKNOWN)


async def put_back(ledger: Ledger, reason: RegtoolError, stores: Stores, listen: Listener) -> RegtoolError:
    """Points every tag that moved at what it was before, the last one first; a tag that did not exist is removed.

    What another job has moved since is left to it. Returns the error to raise: `reason` if everything is as it was,
    else a PartialError that names what is not.
    """
    for move in reversed(ledger.tried):
        fate = await _settle(move, stores.at(move.plan.target), accepted=move in ledger.accepted)
        ledger.fates[move.reference] = fate
        if fate is Fate.PUT_BACK:
            listen(Note(f"put back {move.reference} to {move.tag.was or 'not existing'}"))
    left = [str(reference) for reference, fate in ledger.fates.items() if fate in _LOST]
    if not left:
        return ledger.blame(reason)
    return ledger.blame(
        PartialError(", ".join(left), f"could not be put back after {reason}", "run again to finish what is left")
    )


async def _settle(move: Move, store: Store, *, accepted: bool) -> Fate:
    """Takes one write back, if it is there. A write without an answer may have been carried out or not."""
    try:
        now = await digest_now(store, move.tag.tag)
    except RegtoolError:
        return Fate.LEFT if accepted else Fate.UNKNOWN
    if now != move.tag.to and not (accepted and now == move.tag.was):
        return Fate.UNTOUCHED if now == move.tag.was else Fate.TAKEN
    return Fate.PUT_BACK if await _restored(move.tag, store) else Fate.LEFT


async def _restored(move: TagMove, store: Store) -> bool:
    try:
        if move.was is not None:
            await store.tag(await store.manifest(move.was), move.tag)
            return True
        if isinstance(store, Deletes):
            await store.delete_tag(move.tag)
            return True
    except NotFoundError:
        return move.was is None
    except RegtoolError:
        return False
    return False
