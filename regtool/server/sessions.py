"""Uploads that are under way, as files.

What has arrived is in the file, and nothing about an upload is anywhere else: after a crash, an upload goes on where
it was. A file's name ends with a mark of its repository, so that an upload is only found by the way that began it.
"""

import asyncio
import hashlib
import re
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import field
from pathlib import Path
from weakref import WeakValueDictionary

from regtool.model.digest import Digest
from regtool.server.problems import Problem, upload_unknown
from regtool.stores.layout_files import Part, disk
from regtool.values import dataclass

MAX_UPLOADS = 128  # at a time
IDLE = 60 * 60.0  # seconds after which an upload may have to make room
FORGOTTEN = 24 * 60 * 60.0  # seconds after which a new start drops it

_IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FLUSH = 1024 * 1024  # bytes that are gathered before they are written


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Upload:
    """One upload. Whoever changes it holds it."""

    identifier: str
    path: Path
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, compare=False)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Keeps others away. Raises Problem if the upload ended while waiting for them."""
        async with self.turn:
            if not self.path.is_file():
                raise upload_unknown(self.identifier)
            yield

    @property
    def size(self) -> int:
        """How many bytes have arrived."""
        with disk(self.path):
            return self.path.stat().st_size

    async def append(self, chunks: AsyncIterator[bytes]) -> None:
        """Adds what comes in. If the client goes in the middle, what came stays."""
        with disk(self.path):
            file = await asyncio.to_thread(self.path.open, "ab")
            waiting = bytearray()
            try:
                async for chunk in chunks:
                    waiting += chunk
                    if len(waiting) >= _FLUSH:
                        await asyncio.to_thread(file.write, bytes(waiting))
                        waiting.clear()
            finally:
                file.write(waiting)
                file.close()

    def truncate(self, size: int) -> None:
        """Takes back what was added after the first `size` bytes."""
        with disk(self.path), self.path.open("r+b") as file:
            file.truncate(size)

    def digest(self, algorithm: str) -> Digest:
        """The digest over all that has arrived."""
        with disk(self.path), self.path.open("rb") as file:
            return Digest(algorithm, hashlib.file_digest(file, algorithm).hexdigest())

    @contextmanager
    def as_part(self) -> Iterator[Part]:
        """The upload as a part that a layout can take."""
        with disk(self.path), self.path.open("r+b") as file:
            yield Part(self.path, file)

    def drop(self) -> None:
        """Forgets the upload."""
        with disk(self.path):
            self.path.unlink(missing_ok=True)


class Uploads:
    """All uploads that are under way."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: WeakValueDictionary[Path, Upload] = WeakValueDictionary()
        with disk(directory):
            directory.mkdir(parents=True, exist_ok=True)
        self._drop_older_than(FORGOTTEN)

    def begin(self, name: str) -> Upload:
        """A new upload to the repository `name`. Raises Problem if there are too many."""
        with disk(self._directory):
            if self._count() >= MAX_UPLOADS:
                self._drop_older_than(IDLE)
            if self._count() >= MAX_UPLOADS:
                headers = {"Retry-After": "30"}
                raise Problem.of(429, "TOOMANYREQUESTS", f"{MAX_UPLOADS} uploads are under way", headers=headers)
            path = self._path(name, str(uuid.uuid4()))
            path.touch()
            return self._at(path)

    def find(self, name: str, identifier: str) -> Upload:
        """An upload that is under way. Raises Problem."""
        if not _IDENTIFIER.fullmatch(identifier):
            raise upload_unknown(identifier)
        path = self._path(name, identifier)
        if not path.is_file():
            raise upload_unknown(identifier)
        return self._at(path)

    def _at(self, path: Path) -> Upload:
        return self._open.setdefault(path, Upload(path.name.partition(".")[0], path))

    def _path(self, name: str, identifier: str) -> Path:
        return self._directory / f"{identifier}.{hashlib.sha256(name.encode()).hexdigest()[:16]}"

    def _count(self) -> int:
        return sum(1 for _ in self._directory.iterdir())

    def _drop_older_than(self, age: float) -> None:
        for path in self._directory.iterdir():
            if path.stat().st_mtime < time.time() - age:
                path.unlink(missing_ok=True)
