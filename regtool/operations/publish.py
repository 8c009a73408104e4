"""Carrying out a plan: the only place that writes.

The order is the promise: blobs, then the manifests that need them, then the list, then the tags. Until the first tag
moves nothing that anyone can pull has changed, and a run that is cut off anywhere is finished by the next one. A tag
counts as written only when it has been read back and its bytes have the digest that was meant.
"""

from collections.abc import Iterable

from regtool.concurrency import each
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, NotFoundError, PartialError, RegtoolError, TimedOutError, UnreachableError
from regtool.model.digest import Digest
from regtool.model.reference import Repository, Tag
from regtool.operations.events import BlobPlaced, Listener, ManifestStored, TagMoved, ignore
from regtool.operations.readback import await_visible
from regtool.planning.plan import BlobMove, Plan, TagMove
from regtool.stores.places import Stores
from regtool.stores.protocols import Mounts, Source, Store, TagsTogether


async def publish(plan: Plan, stores: Stores, listen: Listener = ignore) -> None:
    """Writes everything that `plan` names, and verifies what it wrote.

    Nothing is written if every tag is where it should be. Raises PartialError if some tags were written and others
    not, else the error that stopped it.
    """
    if plan.writes_nothing:
        return
    target = stores.at(plan.target)
    await each(lambda move: _place(move, plan.target, stores, listen), plan.blobs)
    await _store_children(plan.children, target, plan.target, listen)
    if plan.tags:
        await _move_tags(plan, target, listen)
    else:
        await target.put_manifest(plan.root)
        listen(ManifestStored(plan.result))


async def _place(move: BlobMove, repository: Repository, stores: Stores, listen: Listener) -> None:
    """Mounts a blob if the registry lets us, else uploads it unless it is there."""
    target: Store = stores.at(repository)
    origin: Source = stores.at(move.origin)
    if isinstance(target, Mounts) and await target.mount(move.blob, move.origin):
        how = "mounted"
    elif await target.has_blob(move.blob):
        how = "present"
    else:
        await target.put_blob(move.blob, lambda: origin.blob(move.blob))
        how = "uploaded"
    listen(BlobPlaced(move.blob, how))


async def _store_children(
    children: Iterable[Manifest], target: Store, repository: Repository, listen: Listener
) -> None:
    """Images go at once; lists, which may need one another, follow one by one in the order of the plan."""

    async def store(manifest: Manifest) -> None:
        await target.put_manifest(manifest)
        listen(ManifestStored(repository.at(manifest.digest)))

    await each(store, [child for child in children if not child.is_index])
    for child in children:
        if child.is_index:
            await store(child)


async def _move_tags(plan: Plan, target: Store, listen: Listener) -> None:
    """Moves the tags in the order of the plan; those that the registry can take together go together."""
    moves, written = plan.moves, []
    try:
        confirmed = await _move_together(plan.root, [move.tag for move in moves], target)
        for move in moves:
            if move.tag not in confirmed:
                await _move(plan.root, move, target)
            await await_visible(target, plan.target.at(move.tag), plan.root.digest)
            written.append(move)
            listen(TagMoved(plan.target.at(move.tag), move.to, move.was))
    except RegtoolError as reason:
        if not written:
            raise
        raise _partial(plan, written, reason) from reason


async def _move_together(root: Manifest, tags: list[Tag], target: Store) -> frozenset[Tag]:
    if len(tags) < 2 or not isinstance(target, TagsTogether):
        return frozenset()
    return await target.tag_together(root, tags)


async def _move(root: Manifest, move: TagMove, target: Store) -> None:
    """Writes one tag. A write whose answer was lost, or that an immutable tag refuses although it fits, counts."""
    try:
        await target.tag(root, move.tag)
    except (ConflictError, UnreachableError, TimedOutError):
        if await _digest_of(move.tag, target) != root.digest:
            raise


async def _digest_of(tag: Tag, target: Store) -> Digest | None:
    try:
        return (await target.resolve(tag)).digest
    except NotFoundError:
        return None


def _partial(plan: Plan, written: list[TagMove], reason: RegtoolError) -> PartialError:
    left = [move.tag.name for move in plan.moves if move not in written]
    done = ", ".join(move.tag.name for move in written)
    return PartialError(
        str(plan.target), f"wrote {done}, but not {', '.join(left)}: {reason}", "run it again to finish"
    )
