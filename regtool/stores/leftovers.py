"""What writers of an archive that were cut off have left beside it: blobs that need not be fetched again.

A writer holds its part as long as it lives. A part that nobody holds is a tar file that ends somewhere, with blobs some
of which are complete: they are compared with their digests when they are taken over, as everything else.
"""

import glob
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from regtool.errors import ContentError
from regtool.stores.files import Section
from regtool.stores.layout_files import held, open_regular
from regtool.stores.tar_index import Member, index_of_part
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class _Leftover:
    """One part that nobody else holds."""

    path: Path
    file: BinaryIO
    members: dict[str, Member]
    lock: Lock


class Leftovers:
    """The parts in `directory` whose names begin with `prefix` and that nobody writes any more. Everything blocks."""

    def __init__(self, directory: Path, prefix: str) -> None:
        self._parts: list[_Leftover] = []
        paths = [path for path in directory.glob(f"{glob.escape(prefix)}*") if path.is_file()]
        for path in sorted(paths, key=_size, reverse=True):
            self._take(path)

    def content(self, name: str, size: int) -> Section | None:
        """What was written of a member of this size, if anything was."""
        for part in self._parts:
            member = part.members.get(name)
            if member and member.size == size:
                return Section(part.file, part.lock, member.offset, size)
        return None

    def remove(self) -> None:
        """Removes the parts: what they were for is there."""
        for part in self._parts:
            _remove(part.path)
        self.close()

    def close(self) -> None:
        """Lets go of the parts, which stay."""
        for part in self._parts:
            part.file.close()
        self._parts.clear()

    def _take(self, path: Path) -> None:
        """Takes a part, unless somebody writes it. One that holds nothing new is removed, or they would pile up."""
        try:
            file = open_regular(path)
        except (OSError, ContentError):
            return
        if not _is_ours(path, file):
            file.close()
            return
        members = index_of_part(file)
        if members.keys() <= {name for part in self._parts for name in part.members}:
            _remove(path)
            file.close()
        else:
            self._parts.append(_Leftover(path, file, members, Lock()))


def _is_ours(path: Path, file: BinaryIO) -> bool:
    try:
        return held(path, file.fileno())
    except OSError:  # some disks lock only what one may write
        return False


def _remove(path: Path) -> None:
    """Removes a part; one of somebody else, in a folder like /tmp, stays."""
    with suppress(OSError):
        path.unlink()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
