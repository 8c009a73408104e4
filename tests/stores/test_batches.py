"""Chunks in handfuls."""

import asyncio
from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as some

from regtool.stores.batches import ENOUGH, in_batches


async def one_by_one(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def batches_of(chunks: list[bytes]) -> list[list[bytes]]:
    async def collect() -> list[list[bytes]]:
        return [batch async for batch in in_batches(one_by_one(chunks))]

    return asyncio.run(collect())


@given(sizes=some.lists(some.integers(0, 3 * ENOUGH), max_size=8))
def test_no_chunk_is_lost_and_none_waits_longer_than_for_enough(sizes: list[int]) -> None:
    chunks = [bytes(size) for size in sizes]
    batches = batches_of(chunks)

    assert [chunk for batch in batches for chunk in batch] == chunks
    assert all(batches)
    assert all(sum(map(len, batch[:-1])) < ENOUGH for batch in batches)
    assert all(sum(map(len, batch)) >= ENOUGH for batch in batches[:-1])


def test_nothing_makes_no_batch() -> None:
    assert batches_of([]) == []
