"""Referrers where a registry does not list them itself (OCI distribution-spec, "Referrers Tag Schema").

There a list of them lies under a tag that is named after the subject's digest. Whoever pushes a manifest about another
keeps that list: reads it, adds an entry, writes it back; whoever deletes one takes its entry out. Two who do so at the
same time could lose one of the entries, so it is read once more after the writing.
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

_TRIES = 5


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
    """Keeps these lists in one repository."""

    def __init__(self, source: Source, sink: Sink) -> None:
        self._source = source
        self._sink = sink
        self._locks: defaultdict[Tag, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def add(self, manifest: Manifest) -> None:
        """Lists a manifest under the subject that it names. Raises ConflictError if that does not succeed."""
        if subject := subject_of(manifest):
            await self._change(
                subject.digest, lambda now: None if _lists(now, manifest.digest) else _with(now, manifest)
            )

    async def remove(self, referrer: Digest, subject: Digest) -> None:
        """Takes a manifest that is to be deleted out of the list. Raises ConflictError if that does not succeed."""
        await self._change(subject, lambda now: _without(now, referrer) if now and _lists(now, referrer) else None)

    async def _change(self, subject: Digest, change: Callable[[Manifest | None], Manifest | None]) -> None:
        """Writes what `change` makes of the list until it has nothing more to change."""
        tag = fallback_tag(subject)
        async with self._locks[tag]:
            for _ in range(_TRIES):
                after = change(await listed_by_tag(self._source, subject))
                if after is None:
                    return
                await self._sink.tag(after, tag)
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
