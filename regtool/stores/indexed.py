"""Reading from files that are arranged as an OCI layout: a directory or an archive, with an `index.json`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.model.digest import Digest
from regtool.model.reference import Selector, Tag
from regtool.stores.files import Files, OpenBlob
from regtool.stores.layout_choice import choose
from regtool.stores.layout_files import disk
from regtool.stores.layout_referrers import Referrers, known
from regtool.stores.verified import Verifier

_CHUNK = 1024 * 1024  # bytes that are read at once


class IndexedSource:
    """A source over such files."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._referrers = Referrers(files)

    def __str__(self) -> str:
        return str(self._files)

    async def resolve(self, selector: Selector) -> Descriptor:
        """Type, digest and size of a manifest, from its own bytes."""
        return (await self.manifest(selector)).descriptor

    async def manifest(self, selector: Selector) -> Manifest:
        """A manifest, verified."""
        return await asyncio.to_thread(self._manifest, selector)

    def _manifest(self, selector: Selector) -> Manifest:
        digest = selector if isinstance(selector, Digest) else choose(self._files.index(), selector, str(self))
        return self._files.manifest(digest)

    async def blob(self, descriptor: Descriptor) -> AsyncIterator[bytes]:
        """A blob, hashed as it is read. The last chunk comes only if all of it is right."""
        file = await asyncio.to_thread(self._files.open_blob, descriptor.digest)
        check = Verifier(descriptor, f"{self}@{descriptor.digest}")
        held = b""
        try:
            while chunk := await asyncio.to_thread(self._read, file):
                check.update(chunk)
                if held:
                    yield held
                held = chunk
        finally:
            file.close()
        check.complete()
        if held:
            yield held

    def _read(self, file: OpenBlob) -> bytes:
        with disk(Path(str(self))):
            return file.read(_CHUNK)

    async def has_blob(self, descriptor: Descriptor) -> bool:
        """Whether the blob is here, in its full size."""
        return await asyncio.to_thread(self._files.size_of, descriptor.digest) == descriptor.size

    async def size_of(self, digest: Digest) -> int | None:
        """The size of a blob."""
        return await asyncio.to_thread(self._files.size_of, digest)

    async def has_manifest(self, digest: Digest) -> bool:
        """Whether the manifest is here."""
        return await asyncio.to_thread(self._files.size_of, digest) is not None

    async def tags(self) -> AsyncIterator[Tag]:
        """Every tag, in order."""
        index = await asyncio.to_thread(self._files.index)
        for name in sorted(index.tags):
            yield Tag(name)

    async def manifests(self) -> list[Digest]:
        """Every manifest with an entry in `index.json`. What is listed by these alone comes with them."""
        index = await asyncio.to_thread(self._files.index)
        return [digest for text in sorted(index.digests) if (digest := known(text))]

    async def referrers(self, subject: Digest) -> list[Descriptor]:
        """The manifests here whose subject this is."""
        return await asyncio.to_thread(self._referrers.of, subject)
