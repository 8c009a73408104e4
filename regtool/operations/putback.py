"""Taking back a publication that could not be finished."""

from regtool.documents.manifest import Manifest
from regtool.errors import NotFoundError, PartialError, RegtoolError
from regtool.operations.events import Listener, Note
from regtool.operations.ledger import Fate, Ledger, Move
from regtool.operations.readback import digest_now
from regtool.planning.plan import TagMove
from regtool.stores.places import Stores
from regtool.stores.protocols import Compares, Deletes, Store

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
    was, to = move.tag.was, move.tag.to
    try:
        now = await digest_now(store, move.tag.tag)
        # A registry may show an accepted write late: then the old list is written once more.
        if now == to or (accepted and now == was):
            if await _restored(move.tag, store):
                return Fate.PUT_BACK
            now = await digest_now(store, move.tag.tag)
    except RegtoolError:
        return Fate.LEFT if accepted else Fate.UNKNOWN
    if now == to:
        return Fate.LEFT
    return Fate.UNTOUCHED if now == was else Fate.TAKEN


async def _restored(move: TagMove, store: Store) -> bool:
    try:
        if move.was is not None:
            await _write_back(await store.manifest(move.was), move, store)
        elif isinstance(store, Deletes):
            await store.delete_tag(move.tag)
        else:
            return False
    except NotFoundError:
        return move.was is None
    except RegtoolError:
        return False
    return True


async def _write_back(old: Manifest, move: TagMove, store: Store) -> None:
    """Writes the old list, on the same conditions as the new one: another job may have built on that by now."""
    if move.conditional and isinstance(store, Compares):
        await store.tag_if(old, move.tag, move.to)
    else:
        await store.tag(old, move.tag)
