"""Removing the per-arch tags once they are merged: the tags alone, never the manifests behind them."""

from regtool.errors import NotFoundError, RegtoolError
from regtool.model.digest import Digest
from regtool.model.reference import Reference
from regtool.operations.delete import RemovalJournal, delete, keep_no_journal
from regtool.operations.events import Listener, Note, ignore
from regtool.operations.merging import Creation
from regtool.operations.publish import publish
from regtool.planning.plan import Plan
from regtool.planning.removal import Removal, TagDrop
from regtool.stores.places import Stores


async def delete_sources(
    creation: Creation, stores: Stores, listen: Listener = ignore, journal: RemovalJournal = keep_no_journal
) -> list[Reference]:
    """Removes the tags that were merged, and returns those that are gone.

    A tag that was moved since is left, and so is one that was just written. Where a registry cannot remove a tag
    alone, that is told, not raised: the list is published. A manifest that went with its tag is put back.
    """
    gone: list[Reference] = []
    for source, digest in creation.sources.items():
        if source.tag is None or source.digest is not None or source in creation.tags:
            continue
        try:
            await _delete(source, digest, stores, listen, journal)
        except NotFoundError:
            continue
        except RegtoolError as refusal:
            listen(Note(f"{source} stays: {refusal.why}"))
        else:
            gone.append(source)
    return gone


async def _delete(source: Reference, digest: Digest, stores: Stores, listen: Listener, journal: RemovalJournal) -> None:
    """Removes one tag, if it still is what was merged."""
    assert source.tag is not None
    store = stores.at(source.place)
    manifest = await store.manifest(digest)
    await delete(Removal(source.place, (TagDrop(source.tag, digest),)), stores, listen, journal)
    if not await store.has_manifest(digest):
        await publish(Plan(source.place, (), (), manifest, ()), stores, listen)
        listen(Note(f"{source.place} deletes manifests with their tags; {digest} was put back"))
