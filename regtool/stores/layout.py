"""An OCI image layout as a store: one repository in a directory (OCI image-spec, image-layout.md)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError
from regtool.model.digest import Digest
from regtool.model.reference import Selector, Tag
from regtool.stores.layout_choice import choose, no_such
from regtool.stores.layout_directory import LayoutDirectory
from regtool.stores.layout_files import disk
from regtool.stores.layout_index import LayoutIndex
from regtool.stores.layout_referrers import Referrers, known
from regtool.stores.needs import needs
from regtool.stores.protocols import Content
from regtool.stores.verified import Verifier, verified

_CHUNK = 1024 * 1024  # bytes that are read at once


class LayoutStore:
    """The layout at `path`. Reading needs one to be there; the first write makes it.

    Every manifest that is put gets an entry in `index.json`, tagged or not. A manifest that some other tool put below
    a list is found by its digest.
    """

    def __init__(self, path: Path) -> None:
        self._layout = LayoutDirectory(path)
        self._referrers = Referrers(self._layout)

    def __str__(self) -> str:
        return str(self._layout.path)

    # -- reading

    async def resolve(self, selector: Selector) -> Descriptor:
        """Type, digest and size of a manifest, from its own bytes."""
        return (await self.manifest(selector)).descriptor

    async def manifest(self, selector: Selector) -> Manifest:
        """A manifest, verified."""
        return await asyncio.to_thread(self._manifest, selector)

    def _manifest(self, selector: Selector) -> Manifest:
        if isinstance(selector, Digest):
            return self._layout.manifest(selector)
        return self._layout.manifest(choose(self._layout.index(), selector, str(self)))

    async def blob(self, descriptor: Descriptor) -> AsyncIterator[bytes]:
        """A blob, hashed as it is read. The last chunk comes only if all of it is right."""
        file = await asyncio.to_thread(self._layout.open_blob, descriptor.digest)
        try:
            async for chunk in self._verified(file, descriptor):
                yield chunk
        finally:
            file.close()

    async def _verified(self, file: BinaryIO, descriptor: Descriptor) -> AsyncIterator[bytes]:
        check = Verifier(descriptor, f"{self}@{descriptor.digest}")
        held = b""
        while chunk := await asyncio.to_thread(self._read, file):
            check.update(chunk)
            if held:
                yield held
            held = chunk
        check.complete()
        if held:
            yield held

    def _read(self, file: BinaryIO) -> bytes:
        with disk(self._layout.path):
            return file.read(_CHUNK)

    async def has_blob(self, descriptor: Descriptor) -> bool:
        """Whether the blob is here, in its full size."""
        return await asyncio.to_thread(self._layout.size_of, descriptor.digest) == descriptor.size

    async def has_manifest(self, digest: Digest) -> bool:
        """Whether the manifest is here."""
        return await asyncio.to_thread(self._layout.size_of, digest) is not None

    async def tags(self) -> AsyncIterator[Tag]:
        """Every tag, in order."""
        index = await asyncio.to_thread(self._layout.index)
        for name in sorted(index.tags):
            yield Tag(name)

    async def manifests(self) -> list[Digest]:
        """Every manifest with an entry in `index.json`. What is listed by these alone comes with them."""
        index = await asyncio.to_thread(self._layout.index)
        return [digest for text in sorted(index.digests) if (digest := known(text))]

    async def referrers(self, subject: Digest) -> list[Descriptor]:
        """The manifests in this layout whose subject this is."""
        return await asyncio.to_thread(self._referrers.of, subject)

    # -- writing

    async def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Stores a blob. Raises ContentError for content that is not what `descriptor` says."""
        if await self.has_blob(descriptor):
            return
        right = verified(content, descriptor, f"{self}@{descriptor.digest}")
        with self._layout.new_part() as part:
            async for chunk in right():
                await asyncio.to_thread(part.file.write, chunk)
            await asyncio.to_thread(self._layout.add_blob, descriptor.digest, part)

    async def put_manifest(self, manifest: Manifest) -> None:
        """Stores and lists a manifest. Raises ConflictError if something that it names is not here."""
        await self.tag_together(manifest, [])

    async def tag(self, manifest: Manifest, tag: Tag) -> None:
        """Stores a manifest and points `tag` at it."""
        await self.tag_together(manifest, [tag])

    async def tag_together(self, manifest: Manifest, tags: Sequence[Tag]) -> frozenset[Tag]:
        """Stores a manifest and points all of `tags` at it, in one change of `index.json`."""

        def change(index: LayoutIndex) -> LayoutIndex:
            self._require(manifest)
            self._layout.add_bytes(manifest.digest, manifest.content)
            return index.with_manifest(manifest.descriptor).with_tags(manifest.descriptor, tags)

        await asyncio.to_thread(self._layout.update, change)
        return frozenset(tags)

    def _require(self, manifest: Manifest) -> None:
        for part in needs(manifest):
            if self._layout.size_of(part.digest) is None:
                raise ConflictError(f"{self}@{manifest.digest}", f"names {part.digest}, which is not here")

    async def delete_tag(self, tag: Tag) -> None:
        """Removes a tag; the manifest stays listed."""

        def change(index: LayoutIndex) -> LayoutIndex:
            if index.digest_of(tag) is None:
                raise no_such(index, tag, str(self))
            return index.without_tag(tag)

        await asyncio.to_thread(self._changed, change)

    async def delete_manifest(self, digest: Digest) -> None:
        """Removes a manifest, its entries and its tags; what it names stays."""

        def change(index: LayoutIndex) -> LayoutIndex:
            self._layout.manifest(digest)
            return index.without_manifest(digest)

        await asyncio.to_thread(self._changed, change, digest)

    def _changed(self, change: Callable[[LayoutIndex], LayoutIndex], remove: Digest | None = None) -> None:
        """Changes a layout that is there; to delete from one that is not makes none."""
        self._layout.index()
        self._layout.update(change, remove=remove)
