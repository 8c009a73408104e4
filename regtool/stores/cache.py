"""Content by digest on this machine's disk, so that no run reads again what an earlier one has read.

What a digest names never changes, so nothing here can be out of date; it can only be damaged, and is therefore
compared with its digest whenever it is read. Only content that a registry handed out is kept, never names or tags.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from regtool.model.digest import Digest

DEFAULT_LIMIT = 256 * 1024 * 1024  # bytes
_SHARE = 16  # looked after whenever this part of the limit has been written


def cache_folder(environ: "os._Environ[str] | dict[str, str]" = os.environ) -> Path:
    """Where caches lie: `$XDG_CACHE_HOME/regtool`, by the XDG base directory specification."""
    named = environ.get("XDG_CACHE_HOME", "")
    base = Path(named) if named.startswith("/") else Path.home() / ".cache"
    return base / "regtool" / "content"


class ContentCache:
    """A folder of small content. It holds up to `limit` bytes; what was not used for longest goes first.

    Without a folder it has a private one until the end of the run. A folder that cannot be written is no error: then
    nothing is kept. Several runs may share one.
    """

    def __init__(self, folder: Path | None, limit: int = DEFAULT_LIMIT) -> None:
        self._private = None if folder else tempfile.TemporaryDirectory(prefix="regtool-")
        self._folder = folder or Path(self._private.name if self._private else "")
        self._limit = limit
        self._written = 0  # bytes since the folder was last looked after

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._private:
            self._private.cleanup()
        elif self._written:
            self._shrink()

    def read(self, digest: Digest) -> bytes | None:
        """The content, if it is here and undamaged."""
        path = self._path(digest)
        try:
            content = path.read_bytes()
            if Digest.of(content, digest.algorithm) != digest:
                path.unlink(missing_ok=True)
                return None
            os.utime(path)
        except OSError:
            return None
        return content

    def keep(self, digest: Digest, content: bytes) -> None:
        """Stores content that has been verified. A reader sees all of it or nothing."""
        path = self._path(digest)
        try:
            _write(path, content)
        except OSError:
            return
        self._written += len(content)
        if self._written > self._limit // _SHARE:
            self._shrink()

    def _shrink(self) -> None:
        """Removes the files that were not used for longest until the rest fits, with a little room to spare."""
        self._written = 0
        files = sorted(self._files())
        excess = sum(size for _, size, _ in files) - self._limit
        if excess <= 0:
            return
        excess += self._limit // _SHARE
        for _, size, path in files:
            if excess <= 0:
                return
            Path(path).unlink(missing_ok=True)
            excess -= size

    def _files(self) -> Iterator[tuple[float, int, str]]:
        """When each file was last used, its size, and its path."""
        for parent, _, names in os.walk(self._folder):
            for name in names:
                path = f"{parent}/{name}"
                try:
                    status = Path(path).stat()
                except OSError:
                    continue
                yield status.st_mtime, status.st_size, path

    def _path(self, digest: Digest) -> Path:
        return self._folder / digest.algorithm / digest.hex[:2] / digest.hex


def _write(path: Path, content: bytes) -> None:
    """Writes a file under a name of its own first; its folder is made only if it turns out to be missing."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.write_bytes(content)
    beside.replace(path)
