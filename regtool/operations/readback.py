"""Reading back what was written: a registry's "201 Created" is a claim, the bytes under the tag are the fact."""

from collections.abc import Awaitable, Callable

from regtool.errors import ContentError, MovedError, NotFoundError, NotVisibleError, RegtoolError
from regtool.model.digest import Digest
from regtool.model.reference import Reference, Selector
from regtool.stores.protocols import Looks, Source
from regtool.transport.clock import Clock
from regtool.values import dataclass

# Registries behind caches show a write late (seen at GHCR, Docker Hub, Nexus). Seconds.
WAITS = (0.2, 0.4, 0.8, 1.6, 3.0, 5.0, 5.0, 5.0, 5.0)
WRITE_AGAIN = 8  # before this wait
FOREIGN_LOOKS = 3  # as often in a row something else is seen, then it is no cache but another writer
_LOOK_AGAIN = "look again in a while: `regtool resolve` says when it is there"


async def digest_now(store: Source, selector: Selector) -> Digest | None:
    """What a tag points at this moment; None if there is no such tag."""
    if isinstance(store, Looks):
        return await store.look(selector)
    try:
        return (await store.resolve(selector)).digest
    except NotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class Written:
    """A tag that was written: what it now should be, what it was, and how to write it once more."""

    reference: Reference
    digest: Digest
    was: Digest | None
    again: Callable[[], Awaitable[None]]


async def await_visible(store: Source, written: Written, clock: Clock) -> None:
    """Returns once the tag reads as it should. If that takes long, it is written once more, in case "201" was a lie.

    Raises NotVisibleError if it does not within the sum of `WAITS` or cannot be read, MovedError if it shows what
    neither of us wrote.
    """
    try:
        seen = await _watch(store, written, clock)
    except MovedError:
        raise
    except RegtoolError as failure:
        raise NotVisibleError(
            str(written.reference), f"the registry accepted {written.digest}, but then: {failure.why}", _LOOK_AGAIN
        ) from failure
    if seen != written.digest:
        now = f"shows {seen}" if seen else "does not show it"
        raise NotVisibleError(
            str(written.reference), f"the registry accepted {written.digest} but {now} after {sum(WAITS):.0f} s",
            _LOOK_AGAIN,
        )  # fmt: skip


async def _watch(store: Source, written: Written, clock: Clock) -> Digest | None:
    """What the tag is in the end. Raises MovedError if it is what neither of us wrote."""
    foreign = 0
    seen = await _read(store, written.reference)
    for number, wait in enumerate(WAITS, 1):
        if seen == written.digest:
            break
        foreign = foreign + 1 if seen not in (None, written.was) else 0
        if foreign == FOREIGN_LOOKS:
            why = f"was written, but another job moved it to {seen}"
            raise MovedError(str(written.reference), why, "see what it holds now")
        if number == WRITE_AGAIN and not foreign:
            await written.again()
        await clock.sleep(wait)
        seen = await _read(store, written.reference)
    return seen


async def _read(store: Source, written: Reference) -> Digest | None:
    try:
        return (await store.manifest(written.selector)).digest
    except (NotFoundError, ContentError):
        return None
