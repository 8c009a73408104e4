"""What a layout is made of, wherever its files lie: in a directory, or in one tar file."""

from threading import Lock
from typing import BinaryIO, Protocol

from regtool.documents.manifest import Manifest
from regtool.model.digest import Digest
from regtool.stores.layout_index import LayoutIndex


class OpenBlob(Protocol):
    """A blob that is open for reading."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""

    def close(self) -> None:
        """Ends the reading."""


class Files(Protocol):
    """Files arranged as a layout. Every method blocks; disk errors come as StorageError."""

    def __str__(self) -> str: ...

    def index(self) -> LayoutIndex:
        """What `index.json` says now. Raises NotFoundError if there is none."""

    def manifest(self, digest: Digest) -> Manifest:
        """A manifest, verified. Raises NotFoundError."""

    def size_of(self, digest: Digest) -> int | None:
        """The size of a blob in bytes; None if it is not here."""

    def open_blob(self, digest: Digest) -> OpenBlob:
        """A blob. Raises NotFoundError."""


class Section:
    """A part of a file that others read, too, at the same time."""

    def __init__(self, file: BinaryIO, lock: Lock, start: int, size: int) -> None:
        self._file = file
        self._lock = lock
        self._next = start
        self._end = start + size

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`."""
        left = self._end - self._next
        with self._lock:
            self._file.seek(self._next)
            content = self._file.read(left if size < 0 else min(size, left))
        self._next += len(content)
        return content

    def close(self) -> None:
        """Ends the reading of this part; the file stays open."""
        self._next = self._end
