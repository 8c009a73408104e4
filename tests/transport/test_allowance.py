"""How many requests a run may send, and leaving a registry's quota alone."""

import pytest

from regtool.errors import RateLimitedError
from tests.transport.fixtures import Recorded, ask, bare, get
from tests.transport.scripted import Scripted, answer, in_turn, refusal


def quota(remaining: int) -> bytes:
    return answer(200, b"", {"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": f"{remaining};w=21600"})


async def test_a_run_sends_no_more_requests_than_it_may() -> None:
    async with Scripted(lambda seen: answer()) as server, Recorded(bare(max_requests=2)) as client:
        await client.send(get(server.host))
        await client.send(get(server.host))
        with pytest.raises(RateLimitedError, match="no more than 2 requests; allow more with --max-requests"):
            await client.send(get(server.host))

    assert len(server.seen) == 2


async def test_a_request_that_is_sent_again_counts_again() -> None:
    async with Scripted(in_turn(refusal(503), answer())) as server, Recorded(bare(max_requests=1)) as client:
        with pytest.raises(RateLimitedError):
            await client.send(get(server.host))

    assert len(server.seen) == 1


async def test_the_last_requests_of_a_quota_are_left() -> None:
    async with Scripted(in_turn(quota(6), quota(5))) as server, Recorded(bare(reserve=5)) as client:
        await client.send(get(server.host))
        await client.send(get(server.host))
        with pytest.raises(RateLimitedError, match="grants no more than 5 requests for now, and 5 are to be left"):
            await client.send(get(server.host))

    assert len(server.seen) == 2


async def test_head_costs_nothing() -> None:
    async with Scripted(lambda seen: quota(0)) as server, Recorded(bare(reserve=0)) as client:
        await client.send(get(server.host))
        await client.send(ask("HEAD", server.host))
        with pytest.raises(RateLimitedError):
            await client.send(get(server.host))


async def test_without_a_wish_nobody_counts() -> None:
    async with Scripted(lambda seen: quota(0)) as server, Recorded(bare()) as client:
        for _ in range(3):
            await client.send(get(server.host))
