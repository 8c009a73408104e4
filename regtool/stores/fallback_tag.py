"""Referrers where a registry does not list them itself (OCI distribution-spec, "Referrers Tag Schema").

There a list of them lies under a tag that is named after the subject's digest. Whoever pushes a manifest about another
keeps that list: reads it, adds an entry, writes it back; whoever deletes one takes its entry out. Two who do so at the
same time could lose one of the entries, so whoever has added one reads the list once more, when those who may have
begun before have ended.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from regtool.documents.index import Index, encode
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, NotFoundError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.stores.needs import referrer, subject_of
from regtool.stores.protocols import Sink, Source
from regtool.transport.clock import Clock

_TRIES = 12
_QUIET = 0.1  # seconds at least until an entry of ours is looked for again
_SLOWER = 3.0  # and this many times what our own reading and writing took


def fallback_tag(subject: Digest) -> Tag:
    """The tag under which the referrers of a manifest are listed."""
    return Tag(subject.as_tag)


async def listed_by_tag(store: Source, subject: Digest) -> Manifest | None:
    """The list under that tag; None if there is no such tag. Raises ConflictError if something else is there."""
    try:
        found = await store.manifest(fallback_tag(subject))
    except NotFoundError:
        return None
    if not found.is_index:
        raise ConflictError(found.what, "is no list of referrers, as its name promises", "give that image another tag")
    return found


class FallbackTags:
    """Keeps these lists in one repository; waits by `clock`."""

    def __init__(self, source: Source, sink: Sink, clock: Clock) -> None:
        self._source = source
        self._sink = sink
        self._clock = clock
        self._locks: defaultdict[Tag, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def add(self, manifest: Manifest) -> None:
        """Lists a manifest under the subject that it names. Raises ConflictError if that does not succeed."""
        if subject := subject_of(manifest):
            await self._change(
                subject.digest,
                lambda now: None if _lists(now, manifest.digest) else _with(now, manifest),
                look_back=True,
            )

    async def remove(self, referrer: Digest, subject: Digest) -> None:
        """Takes a manifest that is to be deleted out of the list. Raises ConflictError if that does not succeed."""
        await self._change(subject, lambda now: _without(now, referrer) if now and _lists(now, referrer) else None)

    async def _change(
        self, subject: Digest, change: Callable[[Manifest | None], Manifest | None], *, look_back: bool = False
    ) -> None:
        """Writes what `change` makes of the list until it has nothing more to change; with `look_back` for a while."""
        tag = fallback_tag(subject)
        async with self._locks[tag]:
            for _ in range(_TRIES):
                start = self._clock.monotonic()
                after = change(await listed_by_tag(self._source, subject))
                if after is None:
                    return
                await self._sink.tag(after, tag)
                if look_back:
                    quiet = max(_QUIET, _SLOWER * (self._clock.monotonic() - start))
                    await self._clock.sleep(quiet * (1 + self._clock.chance()))
        raise ConflictError(str(tag), "cannot be written, as others change it meanwhile", "try again")


def _lists(now: Manifest | None, referrer: Digest) -> bool:
    return now is not None and any(entry.digest == referrer for entry in now.as_index().manifests)


def _without(now: Manifest, referrer: Digest) -> Manifest:
    """The list without one entry. One without any stays, as many registries cannot delete its tag alone."""
    rest = [entry for entry in now.document["manifests"] if entry["digest"] != str(referrer)]
    return Manifest.written(now.media_type, encode({**now.document, "manifests": rest}), now.what)


def _with(now: Manifest | None, manifest: Manifest) -> Manifest:
    """The list with one more entry; what else it says stays."""
    entry = referrer(manifest)
    if now is None:
        content = Index.of(types.OCI_INDEX, [entry]).to_bytes()
    else:
        content = encode({**now.document, "manifests": [*now.document["manifests"], entry.as_json()]})
    return Manifest.written(now.media_type if now else types.OCI_INDEX, content, f"the referrers of {manifest.what}")
