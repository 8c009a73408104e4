"""A new version of an archive while it is being written, beside the one that is there. Everything here blocks."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import reduce
from pathlib import Path
from threading import Lock

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import NotFoundError
from regtool.model.digest import Digest
from regtool.model.reference import ArchiveForm
from regtool.stores.archive_file import Contents
from regtool.stores.files import Section
from regtool.stores.layout_directory import BLOBS, INDEX, MARKER, VERSION
from regtool.stores.layout_files import disk, locked, new_part, remove_dead_parts
from regtool.stores.layout_index import LayoutIndex
from regtool.stores.tar_index import Member
from regtool.stores.tar_writer import Slot, TarWriter

Change = Callable[[LayoutIndex], LayoutIndex]

_CHUNK = 1024 * 1024  # bytes that are copied at once


class Stage:
    """Takes blobs, manifests and changes of the index; `publish` makes one file of them and of what is there by then.

    Nothing is lost that somebody else has written meanwhile. Without `publish` nothing has happened.
    """

    def __init__(self, path: Path) -> None:
        self.changes: list[Change] = []
        self._path = path
        self._slots: dict[Digest, Slot] = {}
        self._manifests: dict[Digest, Manifest] = {}
        self._lock = Lock()
        self._open = ExitStack()
        prefix = f".{path.name}.part-"
        with disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            remove_dead_parts(path.parent, prefix)
            self._part = self._open.enter_context(new_part(path.parent, prefix))
        self._writer = TarWriter(self._part.file)

    def reserve(self, descriptor: Descriptor) -> Slot:
        """A place for a blob."""
        with disk(self._path):
            return self._writer.reserve(_name(descriptor.digest), descriptor.size)

    def write(self, slot: Slot, position: int, chunk: bytes) -> None:
        """Writes a piece of a blob into its place."""
        with disk(self._path):
            self._writer.write(slot, position, chunk)

    def keep(self, digest: Digest, slot: Slot) -> None:
        """Takes a blob that is complete and has been verified. One that came twice is kept once."""
        with self._lock:
            known = self._slots.setdefault(digest, slot)
        if known is not slot:
            self.discard(slot)

    def discard(self, slot: Slot) -> None:
        """Gives a place up."""
        with disk(self._path):
            self._writer.discard(slot)

    def add_manifest(self, manifest: Manifest) -> None:
        """Takes a manifest."""
        if manifest.digest not in self._manifests:
            self._manifests[manifest.digest] = manifest
            descriptor = manifest.descriptor
            slot = self.reserve(descriptor)
            self.write(slot, 0, manifest.content)
            self.keep(manifest.digest, slot)

    def changed(self, index: LayoutIndex) -> LayoutIndex:
        """The index as it will be."""
        return reduce(lambda now, change: change(now), self.changes, index)

    def size_of(self, digest: Digest) -> int | None:
        """The size of what has been taken; None for the rest."""
        slot = self._slots.get(digest)
        return slot.member.size if slot else None

    def manifest(self, digest: Digest) -> Manifest | None:
        """A manifest that has been taken."""
        return self._manifests.get(digest)

    def open_blob(self, digest: Digest) -> Section:
        """The content of what has been taken."""
        return self._writer.open(self._slots[digest].member)

    def publish(self) -> None:
        """Puts the new archive where the old one was, at once, and ends."""
        lock = self._path.with_name(f".{self._path.name}.lock")
        with disk(self._path), locked(lock):
            try:
                self._finish()
                self._part.place(self._path)
            finally:
                lock.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Ends; what was not published is gone."""
        self._open.close()

    def _finish(self) -> None:
        index = LayoutIndex.empty()
        try:
            there = Contents.read(self._path, ArchiveForm.OCI)
        except NotFoundError:
            pass
        else:
            index = there.index
            for digest, member in there.blobs.items():
                if digest not in self._slots:
                    self._copy(there, digest, member)
            there.close()
        self._writer.add(INDEX, self.changed(index).to_bytes())
        self._writer.add(MARKER, VERSION)
        self._writer.finish()

    def _copy(self, there: Contents, digest: Digest, member: Member) -> None:
        slot, source, position = self._writer.reserve(_name(digest), member.size), there.file.open(member), 0
        while chunk := source.read(_CHUNK):
            self._writer.write(slot, position, chunk)
            position += len(chunk)


def _name(digest: Digest) -> str:
    return f"{BLOBS}/{digest.algorithm}/{digest.hex}"
