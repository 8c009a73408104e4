"""Taking back a publication that could not be finished."""

from collections.abc import Sequence

from regtool.errors import NotFoundError, PartialError, RegtoolError
from regtool.model.reference import Reference
from regtool.operations.events import Listener, Note
from regtool.planning.plan import Plan, TagMove
from regtool.stores.places import Stores
from regtool.stores.protocols import Deletes, Store


async def put_back(
    moved: Sequence[tuple[Plan, TagMove]], reason: RegtoolError, stores: Stores, listen: Listener
) -> RegtoolError:
    """Points every moved tag at what it was before, the last one first; a tag that did not exist is removed.

    Returns the error to raise: `reason` if everything is as it was, else a PartialError that names what is not.
    """
    left: list[Reference] = []
    for plan, move in reversed(moved):
        reference = plan.target.at(move.tag)
        if await _restored(move, stores.at(plan.target)):
            listen(Note(f"put back {reference} to {move.was or 'not existing'}"))
        else:
            left.append(reference)
    if not left:
        return reason
    names = ", ".join(map(str, left))
    return PartialError(names, f"moved, and could not be put back after {reason}", "run again to finish what is left")


async def _restored(move: TagMove, store: Store) -> bool:
    try:
        if move.was is not None:
            await store.tag(await store.manifest(move.was), move.tag)
        elif isinstance(store, Deletes):
            await store.delete_tag(move.tag)
    except NotFoundError:
        return move.was is None
    except RegtoolError:
        return False
    return True
