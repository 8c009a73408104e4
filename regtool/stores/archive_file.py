"""A tar file with images, open for reading: where its blobs lie, and what its index says. Everything here blocks."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Self

from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.errors import ContentError, NotFoundError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import ArchiveForm
from regtool.stores.files import OpenBlob, Section
from regtool.stores.layout_directory import INDEX, MARKER, MAX_INDEX, check_version
from regtool.stores.layout_files import disk, open_regular
from regtool.stores.layout_index import LayoutIndex
from regtool.stores.tar_index import Member, index_tar
from regtool.values import dataclass

DOCKER_INDEX = "manifest.json"


class TarFile:
    """A tar file and its members. It is read once, header by header; content only where it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        with disk(path):
            self._file = _opened(path)
            try:
                self.members = index_tar(self._file, str(path))
            except BaseException:
                self._file.close()
                raise

    def open(self, member: Member) -> Section:
        """A member's content."""
        return Section(self._file, self._lock, member.offset, member.size)

    def small(self, member: Member, limit: int) -> bytes:
        """The content of a member that is at most `limit` bytes long."""
        if member.size > limit:
            raise ContentError(f"{member.name} in {self.path}", f"is larger than {limit} bytes")
        return self.open(member).read()

    def named(self, name: str) -> Member | None:
        """A plain file by its name; a link is none."""
        found = self.members.get(name)
        if found and found.target is not None:
            raise ContentError(f"{name} in {self.path}", "is a link", "put the file itself there")
        return found

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive offers: an index as a layout has it, where each blob lies, and manifests made from its words."""

    file: TarFile
    index: LayoutIndex
    blobs: Mapping[Digest, Member]
    made: Mapping[Digest, Manifest] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, form: ArchiveForm) -> Self:
        """Opens an archive of this form. Raises NotFoundError, ContentError, StorageError, UsageError."""
        file = TarFile(path)
        try:
            return cls._of(file, form)
        except BaseException:
            file.close()
            raise

    @classmethod
    def _of(cls, file: TarFile, form: ArchiveForm) -> Self:
        # What BuildKit and newer Docker engines save has both forms in it; the layout says more.
        if marker := file.named(MARKER):
            check_version(file.small(marker, MAX_MANIFEST), f"{MARKER} in {file.path}")
            return cls(file, _index_of(file), _blobs_of(file))
        if DOCKER_INDEX in file.members:
            if form is ArchiveForm.OCI:
                raise UsageError(str(file.path), "is no OCI archive", f"write {ArchiveForm.DOCKER}:{file.path}")
            from regtool.stores.docker_archive import read_docker  # only for what older engines saved

            index, blobs, made = read_docker(file)
            return cls(file, index, blobs, made)
        raise ContentError(str(file.path), f"is no archive of images: it holds neither {MARKER} nor {DOCKER_INDEX}")

    def size_of(self, digest: Digest) -> int | None:
        """The size of a blob or manifest in bytes; None if it is not here."""
        if digest in self.made:
            return len(self.made[digest].content)
        return self.blobs[digest].size if digest in self.blobs else None

    def open_blob(self, digest: Digest) -> OpenBlob:
        """A blob's content. Raises NotFoundError."""
        if digest not in self.blobs:
            raise NotFoundError(f"{self.file.path}@{digest}", "is not in the archive")
        return self.file.open(self.blobs[digest])

    def manifest(self, digest: Digest) -> Manifest:
        """A manifest by its digest. Raises NotFoundError."""
        if digest in self.made:
            return self.made[digest]
        what = f"{self.file.path}@{digest}"
        if digest not in self.blobs:
            raise NotFoundError(what, "is not in the archive")
        content = self.file.small(self.blobs[digest], MAX_MANIFEST)
        return Manifest.received(content, self.index.media_type(digest), what, digest)

    def close(self) -> None:
        """Closes the file."""
        self.file.close()


def _opened(path: Path) -> BinaryIO:
    try:
        return open_regular(path)
    except FileNotFoundError:
        raise NotFoundError(str(path), "there is no such file") from None


def _index_of(file: TarFile) -> LayoutIndex:
    member = file.named(INDEX)
    if member is None:
        raise ContentError(str(file.path), f"has no {INDEX}")
    return LayoutIndex.parse(file.small(member, MAX_INDEX), f"{INDEX} in {file.path}")


def _blobs_of(file: TarFile) -> dict[Digest, Member]:
    """The plain files whose name is that of a blob."""
    found = {}
    for name, member in file.members.items():
        folder, _, rest = name.partition("/")
        algorithm, _, encoded = rest.partition("/")
        if folder == "blobs" and "/" not in encoded and encoded and member.target is None:
            try:
                found[Digest(algorithm, encoded)] = member
            except UsageError:
                continue  # something else that lies there; nothing can name it
    return found
