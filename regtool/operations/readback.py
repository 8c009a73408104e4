"""Reading back what was written: a registry's "201 Created" is a claim, the bytes under the tag are the fact."""

import asyncio

from regtool.errors import ContentError, NotFoundError, NotVisibleError
from regtool.model.digest import Digest
from regtool.model.reference import Reference, Tag
from regtool.stores.protocols import Source

# Registries behind caches show a write late (seen at GHCR, Docker Hub, Nexus). Seconds.
WAITS = (0.2, 0.4, 0.8, 1.6, 3.0, 5.0, 5.0, 5.0, 5.0)


async def digest_now(store: Source, tag: Tag) -> Digest | None:
    """What a tag points at this moment; None if there is no such tag."""
    try:
        return (await store.resolve(tag)).digest
    except NotFoundError:
        return None


async def await_visible(store: Source, written: Reference, digest: Digest, waits: tuple[float, ...] = WAITS) -> None:
    """Returns once `written` reads as `digest`. Raises NotVisibleError if it does not within the sum of `waits`."""
    seen = await _read(store, written)
    for wait in waits:
        if seen == digest:
            return
        await asyncio.sleep(wait)
        seen = await _read(store, written)
    if seen != digest:
        now = f"shows {seen}" if seen else "does not show it"
        raise NotVisibleError(
            str(written),
            f"the registry accepted {digest} but {now} after {sum(waits):.0f} s",
            "look again in a while: `regtool resolve` says when it is there",
        )


async def _read(store: Source, written: Reference) -> Digest | None:
    try:
        return (await store.manifest(written.selector)).digest
    except (NotFoundError, ContentError):
        return None
