"""An archive of images as a store: an OCI layout in one tar file, or what `docker save` writes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from threading import Lock

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, ContentError, NotFoundError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Archive, ArchiveForm, Tag
from regtool.stores.archive_file import Contents
from regtool.stores.archive_stage import Stage
from regtool.stores.batches import in_batches
from regtool.stores.files import OpenBlob, Section
from regtool.stores.indexed import IndexedSource
from regtool.stores.layout_index import LayoutIndex
from regtool.stores.needs import needs
from regtool.stores.protocols import Content
from regtool.stores.tar_writer import Slot
from regtool.stores.verified import verified

_CHUNK = 1024 * 1024  # bytes that are read at once


class ArchiveStore(IndexedSource):
    """The archive at a path, read in place.

    What is written is kept in a new file beside it until `commit`, which puts that in its place: a reader finds the
    old archive or the new one, whole. Only an OCI archive is written.
    """

    def __init__(self, place: Archive) -> None:
        self._archive = _ArchiveFiles(place)
        self._place = place
        super().__init__(self._archive)

    async def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Stores a blob. Raises ContentError for content that is not what `descriptor` says."""
        if await self.has_blob(descriptor):
            return
        stage = await asyncio.to_thread(self._stage)
        slot = await asyncio.to_thread(stage.reserve, descriptor)
        try:
            if not await self._take_over(stage, slot, descriptor):
                await _fill(stage, slot, verified(content, descriptor, f"{self}@{descriptor.digest}"))
        except BaseException:
            stage.discard(slot)
            raise
        await asyncio.to_thread(stage.keep, descriptor.digest, slot)

    async def put_manifest(self, manifest: Manifest) -> None:
        """Stores and lists a manifest. Raises ConflictError if something that it names is not here."""
        await self.tag_together(manifest, [])

    async def tag(self, manifest: Manifest, tag: Tag) -> None:
        """Stores a manifest and points `tag` at it."""
        await self.tag_together(manifest, [tag])

    async def tag_together(self, manifest: Manifest, tags: Sequence[Tag]) -> frozenset[Tag]:
        """Stores a manifest and points all of `tags` at it."""
        await asyncio.to_thread(self._take, manifest, list(tags))
        return frozenset(tags)

    async def commit(self) -> None:
        """Puts the new archive in its place, together with what others have put into the old one meanwhile."""
        await asyncio.to_thread(self._archive.publish)

    def close(self) -> None:
        """Closes the archive; what was not committed is not in it."""
        self._archive.close()

    async def _take_over(self, stage: Stage, slot: Slot, descriptor: Descriptor) -> bool:
        """Fills the place of a blob from what a run that was cut off has left; False if that has not all of it."""
        left = stage.left_over(descriptor)
        if left is None:
            return False
        try:
            await _fill(stage, slot, verified(partial(_chunks, left), descriptor, f"{self}@{descriptor.digest}"))
        except ContentError:
            return False
        return True

    def _take(self, manifest: Manifest, tags: list[Tag]) -> None:
        for part in needs(manifest):
            if self._archive.size_of(part.digest) is None:
                raise ConflictError(f"{self}@{manifest.digest}", f"names {part.digest}, which is not here")
        stage = self._stage()
        if self._archive.size_of(manifest.digest) is None:
            stage.add_manifest(manifest)
        stage.changes.append(lambda index: index.with_put(manifest, tags))

    def _stage(self) -> Stage:
        if self._place.form is ArchiveForm.DOCKER:
            raise UsageError(str(self._place), "docker archives are only read")
        return self._archive.stage()


async def _fill(stage: Stage, slot: Slot, content: Content) -> None:
    position = 0
    async for chunks in in_batches(content()):
        batch = b"".join(chunks)
        await asyncio.to_thread(stage.write, slot, position, batch)
        position += len(batch)


async def _chunks(left: Section) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(left.read, _CHUNK):
        yield chunk


class _ArchiveFiles:
    """The archive that is there, under what has been put since."""

    def __init__(self, place: Archive) -> None:
        # The user's own link is followed: the new archive has to come where the old one is.
        self._path = place.path.resolve() if place.path.is_symlink() else place.path
        self._form = place.form
        self._lock = Lock()
        self._contents: Contents | None = None
        self._new: Stage | None = None

    def __str__(self) -> str:
        return str(self._path)

    def stage(self) -> Stage:
        """Where to write; it begins with the first call."""
        self._there()  # what is there must be an archive, or it would be lost
        with self._lock:
            self._new = self._new or Stage(self._path)
            return self._new

    def publish(self) -> None:
        """Makes what was written the archive. If that fails nothing has happened, and what is there is read again."""
        if self._new:
            try:
                self._new.publish()
            finally:
                self.close()

    def close(self) -> None:
        """Closes both files."""
        for file in (self._new, self._contents):
            if file:
                file.close()
        self._new = self._contents = None

    def index(self) -> LayoutIndex:
        """What `index.json` says, or will say."""
        if self._new is None:
            return self._old().index
        there = self._there()
        return self._new.changed(there.index if there else LayoutIndex.empty())

    def manifest(self, digest: Digest) -> Manifest:
        """A manifest by its digest."""
        new = self._new.manifest(digest) if self._new else None
        return new or self._old().manifest(digest)

    def size_of(self, digest: Digest) -> int | None:
        """The size of a blob in bytes; None if it is not here."""
        new = self._new.size_of(digest) if self._new else None
        there = self._there()
        return new if new is not None else there.size_of(digest) if there else None

    def open_blob(self, digest: Digest) -> OpenBlob:
        """A blob's content."""
        if self._new and self._new.size_of(digest) is not None:
            return self._new.open_blob(digest)
        return self._old().open_blob(digest)

    def _old(self) -> Contents:
        there = self._there()
        if there is None:
            raise NotFoundError(str(self), "there is no such file")
        return there

    def _there(self) -> Contents | None:
        """The archive at the path, opened once; None while there is none."""
        with self._lock:
            if self._contents is None:
                try:
                    self._contents = Contents.read(self._path, self._form)
                except NotFoundError:
                    return None
            return self._contents
