"""An OCI image layout as a store: one repository in a directory (OCI image-spec, image-layout.md)."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.stores.batches import in_batches
from regtool.stores.indexed import IndexedSource
from regtool.stores.layout_choice import no_such
from regtool.stores.layout_directory import LayoutDirectory
from regtool.stores.layout_index import LayoutIndex
from regtool.stores.needs import needs
from regtool.stores.protocols import Content
from regtool.stores.verified import verified


class LayoutStore(IndexedSource):
    """The layout at `path`. Reading needs one to be there; the first write makes it.

    Every manifest that is put gets an entry in `index.json`, tagged or not, until a list holds it. One below a list
    is found by its digest.
    """

    def __init__(self, path: Path) -> None:
        self._layout = LayoutDirectory(path)
        super().__init__(self._layout)

    async def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Stores a blob. Raises ContentError for content that is not what `descriptor` says."""
        if await self.has_blob(descriptor):
            return
        right = verified(content, descriptor, f"{self}@{descriptor.digest}")
        with self._layout.new_part() as part:
            async for chunks in in_batches(right()):
                await asyncio.to_thread(part.file.writelines, chunks)
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
            return index.with_put(manifest, tags)

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
