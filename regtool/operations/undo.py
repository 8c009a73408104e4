"""`undo` and `history`: what tags were before, by the journal, and the way back."""

from collections.abc import Iterable, Sequence

from regtool.concurrency import each
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, NotFoundError
from regtool.model.digest import Digest
from regtool.model.reference import Reference, Tag
from regtool.operations.delete import delete, deletes
from regtool.operations.events import Listener
from regtool.operations.journal import Journal, Record, from_anywhere
from regtool.operations.publish import publish
from regtool.operations.readback import digest_now
from regtool.planning.plan import Plan, TagMove
from regtool.planning.removal import Removal, TagDrop
from regtool.stores.places import Stores
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Undoing:
    """What `undo` will do: point tags back at what they were, and remove tags that were not there."""

    records: tuple[Record, ...]
    plans: tuple[Plan, ...]
    removals: tuple[Removal, ...]


def history(records: Iterable[Record], name: str) -> list[Record]:
    """What is recorded of one tag; of all tags of a repository if the name has none; of everything if it is empty."""
    if not name:
        return list(records)
    wanted = from_anywhere(Reference.parse(name))
    if wanted.tag and f":{wanted.tag}" in name:
        return [record for record in records if record.reference == wanted]
    return [record for record in records if record.reference.place == wanted.place]


async def plan_undo(
    records: Sequence[Record], reference: Reference | None, stores: Stores, *, dummy: bool = False
) -> Undoing:
    """Works out how to take back the last move of a tag; without one, all that the last command moved.

    Raises NotFoundError if nothing is recorded, or what the tag was is gone; ConflictError if it has moved since, or
    would have to go from where nothing is deleted.
    """
    run = [] if reference else _last_run(records)
    wanted = [from_anywhere(reference)] if reference else [record.reference for record in run]
    stores.expect(deletes=[one.place for one in wanted])
    now = await each(lambda one: digest_now(stores.at(one.place), _tag(one)), wanted)
    last = [last_move(records, one, digest) for one, digest in zip(wanted, now, strict=True)]
    found = [record for record in last if reference or record.run == run[0].run]
    if not found:
        raise NotFoundError(
            "", f"`{run[0].command}` moved nothing in the end", "name the tag to take back an older move"
        )
    plans = await each(lambda record: _back(record, stores), [record for record in found if record.was])
    removals = [_gone(record, dummy=dummy) for record in found if record.was is None]
    for removal in removals:
        deletes(stores.at(removal.target), removal.target)
    return Undoing(tuple(found), tuple(plans), tuple(removals))


async def undo_all(undoing: Undoing, stores: Stores, listen: Listener, journal: Journal) -> None:
    """Carries it out. What has to go goes first, as many registries refuse that; then the others go back together."""
    for removal in undoing.removals:
        await delete(removal, stores, listen, journal.removing)
    await publish(undoing.plans, stores, listen, journal.moving)


def last_move(records: Iterable[Record], reference: Reference, now: Digest | None) -> Record:
    """The move that made the tag what it is `now`, and that is not taken back yet.

    A record whose move did not happen, or was put back, is passed over: the tag is what it was before it.
    """
    back_to: str | None = None  # the run that an undo has taken back; nothing since then counts
    for record in reversed([record for record in records if record.reference == reference]):
        if back_to:
            back_to = None if record.run == back_to else back_to
        elif record.now == now and record.undoes:
            back_to = record.undoes
        elif record.now == now:
            return record
        elif record.was != now:
            raise ConflictError(
                str(reference),
                f"is at {now or 'nothing'}, but `{record.command}` left it at {record.now or 'nothing'}",
                "it has moved since; `regtool history` shows what it was, `regtool tag` goes there",
            )
    raise NotFoundError(str(reference), "no move of this tag is recorded here that could be taken back")


def _last_run(records: Sequence[Record]) -> list[Record]:
    """What the last command moved that is neither an undo nor undone."""
    undone = {(record.undoes, record.reference) for record in records if record.undoes}
    left = [record for record in records if not record.undoes and (record.run, record.reference) not in undone]
    if not left:
        raise NotFoundError("", "nothing is recorded that could be taken back", "`regtool history` lists what is")
    return [record for record in left if record.run == left[-1].run]


async def _back(record: Record, stores: Stores) -> Plan:
    """The plan that points the tag at what it was. All that a list names must still be there."""
    assert record.was is not None
    root = await _whole(record.reference, record.was, stores)
    move = TagMove(_tag(record.reference), record.was, record.now)
    return Plan(record.reference.place, (), (), root, (move,), guarded=True)


async def _whole(reference: Reference, digest: Digest, stores: Stores) -> Manifest:
    store, old = stores.at(reference.place), reference.place.at(digest)
    try:
        root = await store.manifest(digest)
    except NotFoundError:
        raise NotFoundError(
            str(old), "is gone, so that the tag cannot go back", "--keep-old pins it next time"
        ) from None
    entries = root.as_index().manifests if root.is_index else []
    there = await each(lambda entry: store.has_manifest(entry.digest), entries)
    for entry, present in zip(entries, there, strict=True):
        if not present:
            raise NotFoundError(str(old), f"has lost {entry.digest}, so that the tag cannot go back")
    return root


def _gone(record: Record, *, dummy: bool) -> Removal:
    assert record.now is not None
    return Removal(record.reference.place, (TagDrop(_tag(record.reference), record.now),), dummy=dummy)


def _tag(reference: Reference) -> Tag:
    assert reference.tag is not None
    return reference.tag
