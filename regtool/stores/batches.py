"""Chunks in handfuls, for a thread that takes as long to reach as a chunk takes to be written."""

from collections.abc import AsyncIterator

ENOUGH = 1024 * 1024  # bytes


async def in_batches(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """The same chunks in the same order, some at a time: `ENOUGH` bytes or a little more, at the end what is left."""
    batch: list[bytes] = []
    size = 0
    async for chunk in chunks:
        batch.append(chunk)
        size += len(chunk)
        if size >= ENOUGH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
