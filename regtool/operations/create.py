"""`create`: per-arch images in, one multi-arch tag out."""

from dataclasses import replace

from regtool.concurrency import both
from regtool.operations.create_request import CreateRequest
from regtool.operations.events import Chosen, Listener, ignore
from regtool.operations.journal import Journal
from regtool.operations.keep_old import keep_old
from regtool.operations.merging import Creation, plan_merge, read_sources, read_targets
from regtool.operations.publish import keep_no_journal, publish
from regtool.stores.places import Stores
from regtool.transport.clock import Clock


async def plan_create(
    request: CreateRequest, stores: Stores, listen: Listener = ignore, clock: Clock | None = None
) -> Creation:
    """Reads the sources and the targets at once and works out what to write. Writes nothing.

    Raises TimedOutError if sources are waited for and do not come, ConflictError if a guard refuses.
    """
    _expect(request, stores)
    if request.wait:  # one after the other: a tag may move while sources are waited for
        legs = await read_sources(request, stores, listen, clock)
        held = await read_targets(request, stores)
    else:
        legs, held = await both(read_sources(request, stores, listen), read_targets(request, stores))
    creation = await plan_merge(request, legs, held, stores, listen)
    listen(Chosen(request.first, creation.members))
    return creation


async def create(
    request: CreateRequest,
    stores: Stores,
    listen: Listener = ignore,
    clock: Clock | None = None,
    journal: Journal | None = None,
) -> Creation:
    """Merges the sources into one list and publishes it under every tag of the request, or adds them to each tag."""
    moving = journal.moving if journal else keep_no_journal
    if request.append:
        from regtool.operations.append import append  # each of the two is loaded by those who ask for it

        _expect(request, stores)
        creation = await append(request, stores, listen, clock, moving)
    else:
        creation = await plan_create(request, stores, listen, clock)
        await publish(await keep_old(creation.plans, request.keep_old, stores), stores, listen, moving)
    if request.delete_sources:
        from regtool.operations.delete import keep_no_journal as keep_no_removal
        from regtool.operations.delete_sources import delete_sources

        gone = await delete_sources(creation, stores, listen, journal.removing if journal else keep_no_removal)
        return replace(creation, removed=tuple(gone))
    return creation


def _expect(request: CreateRequest, stores: Stores) -> None:
    places = [source.reference.place for source in request.sources]
    stores.expect(writes=request.places, reads=places, deletes=places if request.delete_sources else ())
