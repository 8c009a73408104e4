"""Files as a layout needs them: written whole or not at all, locked against other writers, never through a symlink."""

import errno
import glob
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from regtool.errors import ContentError, StorageError
from regtool.values import dataclass

_PART = ".part-"  # how the name of a file begins until it is complete
_PART_AGE = 24 * 60 * 60.0  # seconds after which an incomplete file is what a dead writer left
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)  # Windows has none of the three
_NO_BLOCK = getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)

_HINTS = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EACCES: "check whose it is",
    errno.EROFS: "choose another directory",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A file that is being written. It has no name that a reader would look for until it is placed."""

    path: Path
    file: BinaryIO

    def place(self, target: Path) -> None:
        """Gives the file its name. Its bytes are on the disk before that, so no crash leaves half a file there."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.path.replace(target)
        sync_directory(target.parent)

    def leave(self) -> None:
        """Keeps the file as it is, for a writer that goes on where this one ended."""
        self.path.replace(self.path.with_name(f"{self.path.name}-left"))


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Raises what the operating system refuses as a StorageError that names the file."""
    try:
        yield
    except OSError as error:
        name = error.filename if isinstance(error.filename, str) else str(path)
        reason = (error.strerror or type(error).__name__).lower()
        raise StorageError(name, reason, _HINTS.get(error.errno or 0)) from None


@contextmanager
def new_part(directory: Path, prefix: str = _PART) -> Iterator[Part]:
    """A part in `directory`. After the block it is gone, unless it was placed."""
    import tempfile

    number, name = tempfile.mkstemp(prefix=prefix, dir=directory)
    path = Path(name)
    try:
        path.chmod(0o644)  # mkstemp makes it private; a layout is for others to read
        file = os.fdopen(number, "w+b")
        try:
            yield Part(path, file)
        finally:
            with suppress(OSError):  # what is placed has been flushed before; the rest may get lost, on a full disk say
                file.close()
    finally:
        path.unlink(missing_ok=True)


def remove_dead_parts(directory: Path, prefix: str = _PART) -> None:
    """Removes what writers that were killed have left in `directory`."""
    for path in directory.glob(f"{glob.escape(prefix)}*"):
        if path.lstat().st_mtime < time.time() - _PART_AGE:
            path.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Puts `content` at `path`. Whoever reads it, also after a crash, finds the old bytes or the new ones."""
    with new_part(path.parent) as part:
        part.file.write(content)
        part.place(path)


def open_regular(path: Path) -> BinaryIO:
    """Opens a file for reading. Only a regular file is content: a symlink or a device is a ContentError."""
    try:
        number = os.open(path, os.O_RDONLY | _NO_FOLLOW | _NO_BLOCK | _BINARY)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ContentError(str(path), "is a symbolic link", "put the file itself there") from None
        raise
    file = os.fdopen(number, "rb")
    if not stat.S_ISREG(os.fstat(number).st_mode):
        file.close()
        raise ContentError(str(path), "is not a regular file")
    return file


def sync_directory(path: Path) -> None:
    """Makes the names in a directory last through a power cut, where the system can do that."""
    if sys.platform != "win32":
        number = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock file `path` against every other holder, in this process and in others.

    Some programs remove the file when they are done (BuildKit does so with `index.json.lock`). Who waited for a file
    that has gone by then holds nothing, and waits for the new one.
    """
    while True:
        number = os.open(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 0o644)
        try:
            _wait_for_lock(number)
            if _is_still_at(path, number):
                yield
                return
        finally:
            os.close(number)  # which gives the lock back


def held(path: Path, number: int) -> bool:
    """Whether the file at `path`, open as `number`, is now held for us: nobody else did. Closing it lets go of it.

    Raises OSError where the disk knows no locks.
    """
    return _lock_at_once(number) and _is_still_at(path, number)


def _is_still_at(path: Path, number: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(number))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _wait_for_lock(number: int) -> None:
        msvcrt.locking(number, msvcrt.LK_LOCK, 1)

    def _lock_at_once(number: int) -> bool:
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _wait_for_lock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX)

    def _lock_at_once(number: int) -> bool:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
