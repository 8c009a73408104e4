"""Writing what is made of parts: images of blobs, lists of images. A registry refuses it while it lacks one."""

from collections.abc import Awaitable, Callable

from regtool.concurrency import each
from regtool.documents.manifest import Manifest
from regtool.errors import MissingPartError
from regtool.model import media_type as types
from regtool.operations.readback import WAITS
from regtool.stores.protocols import Sink
from regtool.transport.clock import Clock


async def write_once_known(write: Callable[[], Awaitable[None]], clock: Clock, *, just_brought: bool) -> None:
    """Writes; again for a while if parts were only just brought, as some registries see them late (seen at Nexus)."""
    for wait in WAITS if just_brought else ():
        try:
            return await write()
        except MissingPartError:
            await clock.sleep(wait)
    return await write()


async def naming_the_missing(refusal: MissingPartError, manifest: Manifest, sink: Sink) -> MissingPartError:
    """The refusal of a list with the images that are gone, which registries seldom name."""
    entries = manifest.as_index().manifests if manifest.is_index else []
    images = [entry.digest for entry in entries if entry.media_type in types.INDEXES | types.IMAGES]
    there = await each(sink.has_manifest, images)
    gone = [str(digest) for digest, present in zip(images, there, strict=True) if not present]
    if not gone:
        return refusal
    why = f"needs {', '.join(gone)}, which this repository does not have any more"
    return MissingPartError(refusal.what, why, "push it again: something deletes images that have no tag")
