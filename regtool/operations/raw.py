"""`cat` and `put`: manifests, configurations and blobs as their exact bytes, for repairs that no command foresees."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from regtool.concurrency import each
from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, ContentError, NotFoundError, UsageError
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Place, Reference
from regtool.operations.events import Listener, ignore
from regtool.operations.inspect import read
from regtool.operations.placing import place_blob
from regtool.operations.readback import digest_now
from regtool.planning.plan import BlobMove, Plan, TagMove
from regtool.stores.given import pieces
from regtool.stores.needs import needs
from regtool.stores.places import Stores
from regtool.stores.protocols import Measures, Store

OCTETS = "application/octet-stream"


async def config_of(reference: Reference, stores: Stores, platform: Platform | None = None) -> AsyncIterator[bytes]:
    """The configuration of an image, verified as it passes. A list needs a `platform`. Raises UsageError."""
    manifest = await read(reference, stores, platform)
    if manifest.is_index:
        raise UsageError(manifest.what, "is a list, which has no configuration", "name one image with --platform")
    async for chunk in stores.at(reference.place).blob(manifest.as_image().config):
        yield chunk


async def blob(reference: Reference, stores: Stores) -> AsyncIterator[bytes]:
    """A blob by its digest, verified as it passes."""
    store, digest = stores.at(reference.place), _digest(reference)
    size = await store.size_of(digest) if isinstance(store, Measures) else None
    if size is None:
        raise NotFoundError(str(reference), "no such blob", "a manifest is read without --blob")
    async for chunk in store.blob(Descriptor.of(OCTETS, digest, size)):
        yield chunk


async def plan_put(reference: Reference, content: bytes, what: str, stores: Stores, media_type: str = "") -> Plan:
    """The plan that stores a manifest as these bytes; `what` names it in errors.

    A tag is moved to it; a digest must be that of the bytes. All that the manifest names must be in the place, of the
    type and size that it says. `media_type` is for documents that do not name their own. Raises ContentError,
    ConflictError.
    """
    place = reference.place
    stores.expect(writes=[place])
    try:
        root = Manifest.received(content, media_type, what, reference.digest)
    except ContentError as fault:
        raise ContentError(fault.what, fault.why) from None  # the way out is meant for what a registry sent
    store = stores.at(place)
    await each(lambda part: _require(part, root, store), needs(root))
    if reference.tag is None:
        return Plan(place, (), (), root, ())
    was = await digest_now(store, reference.tag)
    return Plan(place, (), (), root, (TagMove(reference.tag, root.digest, was),), guarded=True)


async def put_blob(
    place: Place, content: bytes | Path, stores: Stores, media_type: str = OCTETS, listen: Listener = ignore
) -> Descriptor:
    """Stores a blob unless it is there, and returns the descriptor to name it by in a manifest."""
    stores.expect(writes=[place])
    descriptor = await describe(content, media_type)
    await place_blob(BlobMove(descriptor, content), place, stores, listen)
    return descriptor


async def describe(content: bytes | Path, media_type: str = OCTETS) -> Descriptor:
    """The descriptor of content on this machine."""
    check, size = hashlib.sha256(), 0
    async for chunk in pieces(content):
        await asyncio.to_thread(check.update, chunk)
        size += len(chunk)
    return Descriptor.of(media_type, Digest("sha256", check.hexdigest()), size)


async def _require(part: Descriptor, root: Manifest, store: Store) -> None:
    """Raises unless `part` is there as the manifest says."""
    if not root.is_index:
        if not await store.has_blob(part):
            raise ConflictError(
                root.what, f"names the blob {part.digest}, which is not there", "`put --blob` stores it"
            )
        return
    try:
        found = await store.resolve(part.digest)
    except NotFoundError:
        raise ConflictError(root.what, f"names {part.digest}, which is not there", "put it first") from None
    if (found.size, found.media_type) != (part.size, part.media_type):
        raise ContentError(
            root.what,
            f"says that {part.digest} is {part.media_type} of {part.size} bytes, "
            f"but it is {found.media_type} of {found.size}",
        )


def _digest(reference: Reference) -> Digest:
    if reference.digest is None:
        raise UsageError(str(reference), "names no blob", "blobs have digests only: repository@sha256:…")
    return reference.digest
