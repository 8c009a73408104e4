"""A new version of an archive while it is being written, beside the one that is there. Everything here blocks."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import reduce
from pathlib import Path
from threading import Lock

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import NotFoundError, StorageError
from regtool.model.digest import Digest
from regtool.model.reference import ArchiveForm
from regtool.stores.archive_file import Contents
from regtool.stores.files import Section
from regtool.stores.layout_directory import BLOBS, INDEX, MARKER, VERSION
from regtool.stores.layout_files import Part, disk, held, locked, new_part
from regtool.stores.layout_index import LayoutIndex
from regtool.stores.leftovers import Leftovers
from regtool.stores.tar_index import Member
from regtool.stores.tar_writer import Slot, TarWriter

Change = Callable[[LayoutIndex], LayoutIndex]

_CHUNK = 1024 * 1024  # bytes that are copied at once
_WORTH_KEEPING = 1024 * 1024  # bytes of blobs; less is fetched again as quickly


class Stage:
    """Takes blobs, manifests and changes of the index; `publish` makes one file of them and of what is there by then.

    Nothing is lost that somebody else has written meanwhile. Without `publish` nothing has happened, but the blobs that
    are complete stay in a hidden file beside the archive, for the next stage to take over.
    """

    def __init__(self, path: Path) -> None:
        self.changes: list[Change] = []
        self._path = path
        self._slots: dict[Digest, Slot] = {}
        self._manifests: dict[Digest, Manifest] = {}
        self._is_kept = True  # what there is, if this ends early
        self._lock = Lock()
        self._open = ExitStack()
        prefix = f".{path.name}.part-"
        with disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._leftovers = Leftovers(path.parent, prefix)
            self._part = self._open.enter_context(_held_part(path.parent, prefix))
        self._writer = TarWriter(self._part.file)

    def left_over(self, descriptor: Descriptor) -> Section | None:
        """What a stage that was cut off has of a blob, maybe not all of it."""
        return self._leftovers.content(_name(descriptor.digest), descriptor.size)

    def reserve(self, descriptor: Descriptor) -> Slot:
        """A place for a blob."""
        with self._disk():
            return self._writer.reserve(_name(descriptor.digest), descriptor.size)

    def write(self, slot: Slot, position: int, chunk: bytes) -> None:
        """Writes a piece of a blob into its place."""
        with self._disk():
            self._writer.write(slot, position, chunk)

    def keep(self, digest: Digest, slot: Slot) -> None:
        """Takes a blob that is complete and has been verified. One that came twice is kept once."""
        with self._lock:
            known = self._slots.setdefault(digest, slot)
        if known is not slot:
            self.discard(slot)

    def discard(self, slot: Slot) -> None:
        """Gives a place up."""
        with self._disk():
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
        with self._disk(), locked(lock):
            try:
                self._finish()
                self._part.place(self._path)
            finally:
                lock.unlink(missing_ok=True)
        self._is_kept = False
        self._leftovers.remove()
        self._open.close()

    def close(self) -> None:
        """Ends without publishing. What costs time to fetch stays, unless the disk refuses it."""
        self._leftovers.close()
        blobs = (slot.member.size for digest, slot in self._slots.items() if digest not in self._manifests)
        if self._is_kept and sum(blobs) >= _WORTH_KEEPING:
            with suppress(OSError):
                self._part.file.flush()
                self._part.leave()
        self._open.close()

    @contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            with disk(self._path):
                yield
        except StorageError:
            self._is_kept = False  # on a disk that is full it would be in the way
            raise

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


@contextmanager
def _held_part(directory: Path, prefix: str) -> Iterator[Part]:
    """A new part that nobody takes for one that was left."""
    while True:
        with new_part(directory, prefix) as part:
            if held(part.path, part.file.fileno()):
                yield part
                return


def _name(digest: Digest) -> str:
    return f"{BLOBS}/{digest.algorithm}/{digest.hex}"
