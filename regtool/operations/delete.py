"""Carrying out removals: the only place that deletes.

Tags go before manifests, and what needs others before these, so that no moment shows a list whose parts are gone. What
is to go is looked at right before: a tag that has moved meanwhile stops everything. At the end it is read back.
"""

from collections.abc import Callable
from dataclasses import replace

from regtool.concurrency import each
from regtool.errors import ConflictError, NotFoundError, NotVisibleError, UsageError
from regtool.model.reference import Place, Reference, Selector
from regtool.operations.dummy import remove_by_dummy
from regtool.operations.events import Listener, ManifestDeleted, TagRemoved, ignore
from regtool.operations.readback import WAITS, digest_now
from regtool.planning.removal import ManifestDrop, Removal, TagDrop
from regtool.stores.fallback_tag import FallbackTags
from regtool.stores.places import Stores
from regtool.stores.protocols import Deletes, Source, Store
from regtool.transport.clock import Clock

RemovalJournal = Callable[[Removal], None]


def keep_no_journal(removal: Removal) -> None:
    """Records nothing."""


async def delete(
    removal: Removal, stores: Stores, listen: Listener = ignore, journal: RemovalJournal = keep_no_journal
) -> None:
    """Deletes what the removal names, and looks that it is gone. `journal` is told right before.

    Raises ConflictError if a tag has moved or the registry cannot delete tags, NotVisibleError if something is still
    there afterwards, or the error that stopped it.
    """
    store = stores.at(removal.target)
    deletes(store, removal.target)
    await _refuse_moved(removal, store)
    journal(removal)
    for drop in removal.tags:
        await _delete_tag(drop, removal, stores)
        listen(TagRemoved(removal.target.at(drop.tag), drop.was))
    for one in removal.manifests:
        await _delete_manifest(one, removal, stores)
        listen(ManifestDeleted(removal.target.at(one.digest), one.tags))
    gone: list[Selector] = [*(drop.tag for drop in removal.drops), *(one.digest for one in removal.manifests)]
    await each(lambda selector: _await_gone(removal.target.at(selector), store, stores.clock), gone)


async def _refuse_moved(removal: Removal, store: Store) -> None:
    """Every tag must be where it was; of a tag that is gone meanwhile nothing can break."""
    seen = {drop.tag: drop.was for drop in removal.drops} if removal.seen is None else removal.seen
    tags = list(seen) if removal.seen is None else [tag async for tag in store.tags()]
    for tag, now in zip(tags, await each(lambda tag: digest_now(store, tag), tags), strict=True):
        if now not in (seen.get(tag), None):
            change = f"moved from {seen[tag]} to {now}" if tag in seen else f"came, at {now},"
            raise ConflictError(str(removal.target.at(tag)), f"{change} meanwhile", "look at it, and run again")


async def _delete_tag(drop: TagDrop, removal: Removal, stores: Stores) -> None:
    """Deletes a tag alone. One that is gone already is as wanted."""
    reference = removal.target.at(drop.tag)
    deleting = deletes(stores.at(removal.target), removal.target)
    try:
        await deleting.delete_tag(drop.tag)
    except NotFoundError:
        return
    except ConflictError as refusal:
        if not removal.dummy:
            raise ConflictError(str(reference), refusal.why, "--dummy goes by way of a dummy image") from None
        await remove_by_dummy(drop, removal.target, stores, deleting)


async def _delete_manifest(one: ManifestDrop, removal: Removal, stores: Stores) -> None:
    """Deletes a manifest. Some registries want its tags gone first; some delete a list's parts with the list."""
    store = stores.at(removal.target)
    deleting = deletes(store, removal.target)
    if one.subject:
        await FallbackTags(store, store, stores.clock).remove(one.digest, one.subject)
    try:
        await deleting.delete_manifest(one.digest)
    except NotFoundError:
        return
    except (ConflictError, UsageError):
        if not one.tags:
            raise
        await each(deleting.delete_tag, one.tags)
        await _delete_manifest(replace(one, tags=(), subject=None), removal, stores)


def deletes(store: Store, place: Place) -> Deletes:
    """The store at `place` as one that deletes. Raises ConflictError for an archive, which only grows."""
    if not isinstance(store, Deletes):
        raise ConflictError(str(place), "nothing is deleted from an archive", "copy what should stay into a new one")
    return store


async def _await_gone(reference: Reference, store: Source, clock: Clock) -> None:
    """Returns once the tag or manifest is no longer shown."""
    for wait in (0.0, *WAITS):
        await clock.sleep(wait)
        if not await _is_there(reference, store):
            return
    raise NotVisibleError(
        str(reference), f"the registry accepted its end, but shows it after {sum(WAITS):.0f} s", "look again in a while"
    )


async def _is_there(reference: Reference, store: Source) -> bool:
    try:
        await store.resolve(reference.selector)
    except NotFoundError:
        return False
    return True
