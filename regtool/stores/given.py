"""Content that is on this machine: a file, or bytes in memory."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from regtool.errors import StorageError

_CHUNK = 1024 * 1024  # bytes that are read at once


async def pieces(origin: Path | bytes) -> AsyncIterator[bytes]:
    """The content, a file's in pieces. Raises StorageError."""
    if isinstance(origin, bytes):
        yield origin
        return
    try:
        with await asyncio.to_thread(origin.open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
    except OSError as error:
        raise StorageError(str(origin), f"cannot be read: {error.strerror}") from None
