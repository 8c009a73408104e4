"""Putting everything in place that tags will need: blobs, then the manifests made of them, then the lists of those."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from regtool.concurrency import each
from regtool.documents.manifest import Manifest
from regtool.model.reference import Place
from regtool.operations.events import BlobPassing, BlobPlaced, Listener, ManifestStored
from regtool.operations.parts import write_once_known
from regtool.planning.plan import BlobMove, Plan
from regtool.stores.given import pieces
from regtool.stores.places import Stores
from regtool.stores.protocols import Mounts, Store
from regtool.stores.verified import Vouched

Thing = TypeVar("Thing")

# Blobs at a time: enough to fill a connection, and little enough to keep each fast, as retries begin one anew.
AT_ONCE = 8


async def put_in_place(plans: Sequence[Plan], stores: Stores, listen: Listener) -> None:
    """Brings everything that these plans need to their targets, whatever several of them need only once.

    The roots come last. That of a single plan stays away if a tag brings it along in one step.
    """
    moves = _once(plans, lambda plan: plan.blobs, lambda move: move.blob.digest)
    await each(lambda one: place_blob(one[1], one[0], stores, listen), moves, limit=AT_ONCE)
    children = _once(plans, lambda plan: plan.children, lambda child: child.digest)
    await _store(children, stores, listen)
    if len(plans) > 1 or not all(plan.tags for plan in plans):
        stored = {(place, child.digest) for place, child in children}
        roots = _once(plans, lambda plan: [plan.root], lambda root: root.digest)
        await _store([one for one in roots if (one[0], one[1].digest) not in stored], stores, listen)


def _once(
    plans: Iterable[Plan], things: Callable[[Plan], Iterable[Thing]], key: Callable[[Thing], object]
) -> list[tuple[Place, Thing]]:
    """What the plans have, each thing once for each target, in the order of the plans."""
    return list({(plan.target, key(thing)): (plan.target, thing) for plan in plans for thing in things(plan)}.values())


async def place_blob(move: BlobMove, place: Place, stores: Stores, listen: Listener) -> None:
    """Mounts a blob if the registry lets us, else uploads it unless it is there."""
    target: Store = stores.at(place)
    origin = None if isinstance(move.origin, Path | bytes) else move.origin
    if origin and isinstance(target, Mounts) and await target.mount(move.blob, origin):
        how = "mounted"
    elif await target.has_blob(move.blob):
        how = "present"
    else:
        passing = partial(_passing, move, stores, listen)
        await target.put_blob(move.blob, Vouched(passing) if origin else passing)
        how = "uploaded"
    listen(BlobPlaced(move.blob, how))


async def _passing(move: BlobMove, stores: Stores, listen: Listener) -> AsyncIterator[bytes]:
    """The content of a blob, told while it passes."""
    passed = 0
    origin = move.origin
    async for chunk in pieces(origin) if isinstance(origin, Path | bytes) else stores.at(origin).blob(move.blob):
        passed += len(chunk)
        listen(BlobPassing(move.blob, passed))
        yield chunk


async def _store(manifests: Sequence[tuple[Place, Manifest]], stores: Stores, listen: Listener) -> None:
    """Images go at once; lists, which may need one another, follow one by one in their order."""

    async def store(one: tuple[Place, Manifest]) -> None:
        place, manifest = one
        sink: Store = stores.at(place)
        await write_once_known(lambda: sink.put_manifest(manifest), stores.clock, just_brought=True)
        listen(ManifestStored(place.at(manifest.digest)))

    await each(store, [one for one in manifests if not one[1].is_index])
    for one in manifests:
        if one[1].is_index:
            await store(one)
