"""A layout on the disk: the marker, the blobs, and `index.json` under its lock. Everything here blocks.

Blobs are named by their digest and never change. `index.json` is the only file that does: it is read and written
inside one lock, and replaced as a whole, so that writers of two processes lose nothing of each other.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.documents.strict_json import load_object
from regtool.errors import ContentError, NotFoundError
from regtool.model.digest import Digest
from regtool.stores.layout_files import Part, disk, locked, new_part, open_regular, remove_dead_parts, write_whole
from regtool.stores.layout_index import LayoutIndex

MARKER = "oci-layout"
INDEX = "index.json"
BLOBS = "blobs"
LOCK = "index.json.lock"  # the name that BuildKit locks, too

VERSION = b'{"imageLayoutVersion":"1.0.0"}'
MAX_INDEX = 64 * 1024 * 1024  # bytes; some 200,000 entries


class LayoutDirectory:
    """One layout. It need not exist before the first write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last_read = (b"", LayoutIndex.empty())  # the bytes, and what they say

    def __str__(self) -> str:
        return str(self.path)

    # -- the index

    @property
    def exists(self) -> bool:
        """Whether there is a layout here."""
        return (self.path / MARKER).is_file()

    def index(self) -> LayoutIndex:
        """What `index.json` says now. NotFoundError if the directory is no layout."""
        with disk(self.path):
            if not self.exists:
                raise NotFoundError(str(self.path), "is no OCI layout", f"a layout has a file named {MARKER}")
            return self._index()

    def update(self, change: Callable[[LayoutIndex], LayoutIndex], *, remove: Digest | None = None) -> None:
        """Replaces `index.json` by what `change` makes of it, then removes a blob; no other writer comes between."""
        with self.changing(), disk(self.path):
            before = self._index()
            after = change(before)
            if after is not before:
                content = after.to_bytes()
                write_whole(self.path / INDEX, content)
                self._last_read = content, after
            if remove:
                self.remove_blob(remove)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Holds the layout's lock; makes the layout first if there is none."""
        with disk(self.path):
            (self.path / BLOBS).mkdir(parents=True, exist_ok=True)
            with locked(self.path / LOCK):
                if not self.exists:
                    self._begin()
                yield

    def ensure(self) -> None:
        """Makes the layout if there is none."""
        if not self.exists:
            with self.changing():
                remove_dead_parts(self.path)

    def _begin(self) -> None:
        """The marker comes last: what has one is complete."""
        if not (self.path / INDEX).exists():
            write_whole(self.path / INDEX, LayoutIndex.empty().to_bytes())
        write_whole(self.path / MARKER, VERSION)

    def _index(self) -> LayoutIndex:
        content = _small_file(self.path / INDEX, MAX_INDEX)
        known, index = self._last_read
        if content != known:
            marker = self.path / MARKER
            check_version(_small_file(marker, MAX_MANIFEST), str(marker))
            index = LayoutIndex.parse(content, str(self.path / INDEX))
            self._last_read = content, index
        return index

    # -- blobs

    def size_of(self, digest: Digest) -> int | None:
        """The size of a blob in bytes; None if it is not here."""
        try:
            with disk(self.path), self.open_blob(digest) as file:
                return os.fstat(file.fileno()).st_size
        except NotFoundError:
            return None

    def open_blob(self, digest: Digest) -> BinaryIO:
        """A blob's file. Raises NotFoundError."""
        with disk(self.path):
            try:
                return open_regular(self.blob_path(digest))
            except FileNotFoundError:
                raise NotFoundError(f"{self.path}@{digest}", "is not in the layout") from None

    def add_blob(self, digest: Digest, part: Part) -> None:
        """Takes a complete part, whose digest the caller has verified, as a blob."""
        with disk(self.path):
            path = self.blob_path(digest)
            path.parent.mkdir(parents=True, exist_ok=True)
            part.place(path)

    def add_bytes(self, digest: Digest, content: bytes) -> None:
        """Stores a small blob whose digest is known to be right."""
        if self.size_of(digest) != len(content):
            with self.new_part() as part:
                part.file.write(content)
                self.add_blob(digest, part)

    def take_blob(self, digest: Digest, origin: "LayoutDirectory") -> bool:
        """Takes a blob over from another layout without copying, where the disk can; False if it is not there."""
        if self.size_of(digest) is not None:
            return True
        if origin.size_of(digest) is None:
            return False
        with self.new_part() as part, disk(self.path):
            path = self.blob_path(digest)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.hardlink_to(origin.blob_path(digest))
            except OSError:  # another disk, one without hard links, or another request was faster
                with origin.open_blob(digest) as source:
                    shutil.copyfileobj(source, part.file)
                self.add_blob(digest, part)
        return True

    def remove_blob(self, digest: Digest) -> None:
        """Removes a blob, if it is here."""
        with disk(self.path):
            self.blob_path(digest).unlink(missing_ok=True)

    @contextmanager
    def new_part(self) -> Iterator[Part]:
        """A part to write a blob into."""
        self.ensure()
        with disk(self.path), new_part(self.path) as part:
            yield part

    def blob_path(self, digest: Digest) -> Path:
        """Where a blob is, or would be."""
        for folder in (self.path / BLOBS, self.path / BLOBS / digest.algorithm):
            if folder.is_symlink():
                raise ContentError(str(folder), "is a symbolic link", "put the directory itself there")
        return self.path / BLOBS / digest.algorithm / digest.hex

    # -- manifests

    def manifest(self, digest: Digest) -> Manifest:
        """A manifest by its digest, listed in `index.json` or below something that is. Raises NotFoundError."""
        what = f"{self.path}@{digest}"
        media_type = self.index().media_type(digest)
        with self.open_blob(digest) as file, disk(self.path):
            content = _at_most(file, MAX_MANIFEST, what)
        return Manifest.received(content, media_type, what, digest)


def check_version(content: bytes, what: str) -> None:
    """Reads the marker of a layout. Raises ContentError for one that says something else."""
    version = load_object(content, what).get("imageLayoutVersion")
    if not isinstance(version, str) or not version.startswith("1."):
        raise ContentError(what, f"is of layout version {version!r}", "regtool reads version 1.0.0")


def _small_file(path: Path, limit: int) -> bytes:
    with open_regular(path) as file:
        return _at_most(file, limit, str(path))


def _at_most(file: BinaryIO, limit: int, what: str) -> bytes:
    content = file.read(limit + 1)
    if len(content) > limit:
        raise ContentError(what, f"is larger than {limit} bytes")
    return content
