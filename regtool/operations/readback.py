"""Reading back what was written: a registry's "201 Created" is a claim, the bytes under the tag are the fact."""

import asyncio

from regtool.errors import ContentError, MovedError, NotFoundError, NotVisibleError
from regtool.model.digest import Digest
from regtool.model.reference import Reference, Selector
from regtool.stores.protocols import Looks, Source

# Registries behind caches show a write late (seen at GHCR, Docker Hub, Nexus). Seconds.
WAITS = (0.2, 0.4, 0.8, 1.6, 3.0, 5.0, 5.0, 5.0, 5.0)
FOREIGN_LOOKS = 3  # as often in a row something else is seen, then it is no cache but another writer


async def digest_now(store: Source, selector: Selector) -> Digest | None:
    """What a tag points at this moment; None if there is no such tag."""
    if isinstance(store, Looks):
        return await store.look(selector)
    try:
        return (await store.resolve(selector)).digest
    except NotFoundError:
        return None


async def await_visible(
    store: Source, written: Reference, digest: Digest, was: Digest | None = None, waits: tuple[float, ...] = WAITS
) -> None:
    """Returns once `written`, which was `was` before, reads as `digest`.

    Raises NotVisibleError if it does not within the sum of `waits`, MovedError if it shows what neither of us wrote.
    """
    foreign = 0
    seen = await _read(store, written)
    for wait in waits:
        if seen == digest:
            return
        foreign = foreign + 1 if seen not in (None, was) else 0
        if foreign == FOREIGN_LOOKS:
            raise MovedError(str(written), f"was written, but another job moved it to {seen}", "see what it holds now")
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
