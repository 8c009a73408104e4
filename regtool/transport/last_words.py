"""What a program says last on standard error, without ever waiting for it.

Something that the program started may keep the pipe open for good, so it is no pipe of asyncio's own: those have to
close before a process counts as ended.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

_KEPT = 4096  # bytes
_GRACE = 0.2  # seconds for what is still on the way when the program has ended


class LastWords:
    """The end of what was said up to now. `pipe` is what the program gets as its standard error."""

    def __init__(self, pipe: IO[bytes], reader: asyncio.StreamReader) -> None:
        self.pipe = pipe
        self._said = b""
        self.listening = asyncio.ensure_future(self._listen(reader))

    async def line(self) -> str:
        """The last line of it; empty if there is none."""
        await asyncio.wait([self.listening], timeout=_GRACE)
        return self._said.decode(errors="replace").strip().rpartition("\n")[2]

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while chunk := await reader.read(_KEPT):
            self._said = (self._said + chunk)[-_KEPT:]


@asynccontextmanager
async def last_words() -> AsyncIterator[LastWords]:
    """Listens as long as the block lasts. Whoever gets the pipe closes this side of it."""
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    mine, its = os.pipe()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(mine, "rb"))
    with os.fdopen(its, "wb") as pipe:
        words = LastWords(pipe, reader)
        try:
            yield words
        finally:
            words.listening.cancel()
            transport.close()
