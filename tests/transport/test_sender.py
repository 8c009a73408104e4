"""What is sent again and when: faults, pauses, and the budget."""

import asyncio
import email.utils
from collections.abc import AsyncIterator

import pytest

from regtool.errors import RateLimitedError, TimedOutError, UnreachableError
from regtool.transport import retry
from regtool.transport.events import Failed, QuotaSeen, Retrying
from regtool.transport.message import Body
from regtool.transport.problem import error_for
from tests.transport.fixtures import Recorded, VirtualClock, ask, bare, body_of, get
from tests.transport.scripted import CLOSE, RESET, Script, Scripted, Seen, Step, answer, in_turn, refusal

WHOLE = b"x" * 1000
BROKEN: dict[str, bytes | list[Step]] = {
    "closed before the answer": [CLOSE],
    "reset before the answer": [RESET],
    "closed in the headers": [answer(200)[:20], CLOSE],
    "closed in the body": [answer(200, WHOLE)[:-500], CLOSE],
    "reset in the body": [answer(200, WHOLE)[:-500], RESET],
    "closed in a chunk": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + WHOLE[:500], CLOSE],
    **{f"status {status}": refusal(status) for status in sorted(retry.PASSING)},
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_read_survives_one_fault(fault: str) -> None:
    async with Scripted(in_turn(BROKEN[fault], answer(200, WHOLE))) as server, Recorded(clock=VirtualClock()) as client:
        response = await client.send(get(server.host))

    assert (response.status, response.content) == (200, WHOLE)
    assert len(client.told(Retrying)) == 1


@pytest.mark.parametrize("fault", [name for name in BROKEN if "body" not in name and "chunk" not in name])
@pytest.mark.parametrize("method", ["HEAD", "PUT", "POST", "DELETE"])
async def test_so_do_other_methods_that_may_be_repeated(method: str, fault: str) -> None:
    body = body_of(b"abc", b"def") if method in ("PUT", "POST") else None
    async with Scripted(in_turn(BROKEN[fault], answer(201))) as server, Recorded(clock=VirtualClock()) as client:
        assert (await client.send(ask(method, server.host, body=body))).status == 201

    assert [seen.body for seen in server.seen] == [b"abcdef" if body else b""] * 2


@pytest.mark.parametrize("status", sorted(retry.PASSING - {429}))
async def test_an_append_is_not_repeated(status: int) -> None:
    async with Scripted(lambda seen: refusal(status)) as server, Recorded(clock=VirtualClock()) as client:
        assert (await client.send(ask("PATCH", server.host, body=b"x"))).status == status

    assert len(server.seen) == 1


async def test_an_append_that_broke_off_is_not_repeated_but_one_that_was_put_off_is() -> None:
    async with Scripted(in_turn([CLOSE])) as server, Recorded(clock=VirtualClock()) as client:
        with pytest.raises(UnreachableError):
            await client.send(ask("PATCH", server.host, body=b"x"))
    assert len(server.seen) == 1

    async with Scripted(in_turn(refusal(429), answer(202))) as server, Recorded(clock=VirtualClock()) as client:
        assert (await client.send(ask("PATCH", server.host, body=b"x"))).status == 202


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 416, 501, 505])
async def test_what_will_not_change_is_not_repeated(status: int) -> None:
    async with Scripted(lambda seen: refusal(status)) as server, Recorded(clock=VirtualClock()) as client:
        assert (await client.send(get(server.host))).status == status

    assert len(server.seen) == 1


async def test_six_tries_are_enough_and_the_waits_grow() -> None:
    clock = VirtualClock(luck=1.0)
    async with Scripted(lambda seen: refusal(500, "UNKNOWN", "boom")) as server, Recorded(clock=clock) as client:
        response = await client.send(get(server.host))

    assert len(server.seen) == 6
    assert clock.slept == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert str(error_for(response, "app:1.0")) == "app:1.0: the registry answers 500 (internal error), UNKNOWN: boom"


async def test_an_upload_that_is_put_off_again_and_again_ends_too() -> None:
    clock, later = VirtualClock(luck=0.0), {"Retry-After": "50"}
    async with Scripted(lambda seen: refusal(429, headers=later)) as server, Recorded(clock=clock) as client:
        response = await client.send(ask("PUT", server.host, body=body_of(b"abc")))

    assert response.status == 429
    assert [round(wait) for wait in clock.slept] == [50] * 5  # each within the time of one request, and five of them


async def test_a_port_that_nobody_listens_on_is_given_up_soon() -> None:
    async with Scripted(lambda seen: answer()) as server:
        host = server.host
    clock = VirtualClock(luck=1.0)
    async with Recorded(clock=clock) as client:
        with pytest.raises(UnreachableError, match=f"cannot connect to {host}: connection refused"):
            await client.send(get(host))

    assert len(client.told(Failed)) == 3
    assert sum(clock.slept) <= 3


async def test_a_connection_that_went_stale_costs_no_wait() -> None:
    async with Scripted(in_turn(answer(), [CLOSE], answer())) as server, Recorded(clock=VirtualClock()) as client:
        await client.send(get(server.host))
        assert (await client.send(get(server.host))).status == 200

    assert [event.wait for event in client.told(Retrying)] == [0.0]


async def test_a_run_has_a_budget_of_retries() -> None:
    async with (
        Scripted(lambda seen: refusal(500)) as server,
        Recorded(bare(timeout=1e6), clock=VirtualClock()) as client,
    ):
        for _ in range(50):
            await client.send(get(server.host))

    assert 50 <= len(server.seen) <= 50 + 20 + 5


class TestLater:
    """429, and 503 with a time."""

    @pytest.mark.parametrize(
        ("header", "least", "most"),
        [
            ("1", 1.0, 1.1),
            ("30", 30.0, 31.0),
            (email.utils.formatdate(1_800_001_010, usegmt=True), 9.0, 12.0),
            ("1800001010", 9.0, 12.0),
            ("0", 0.0, 0.1),
            ("-1", 0.0, 0.5),
            ("soon", 0.0, 0.5),
            ("", 0.0, 0.5),
            ("1e3", 0.0, 0.5),
            ("99999999999999999999999", 0.0, 0.5),
        ],
    )
    @pytest.mark.parametrize("status", [429, 503])
    async def test_the_time_that_the_server_asks_for_is_waited(
        self, header: str, least: float, most: float, status: int
    ) -> None:
        clock = VirtualClock()
        later = refusal(status, headers={"Retry-After": header})
        async with Scripted(in_turn(later, answer())) as server, Recorded(clock=clock) as client:
            assert (await client.send(get(server.host))).status == 200

        assert least <= sum(clock.slept) <= most

    @pytest.mark.parametrize("header", ["3600", "1800009999", "100000000"])
    async def test_more_than_there_is_time_for_ends_at_once_and_says_when(self, header: str) -> None:
        clock = VirtualClock()
        later = refusal(429, "TOOMANYREQUESTS", "pull rate limit", headers={"Retry-After": header})
        async with Scripted(lambda seen: later) as server, Recorded(clock=clock) as client:
            response = await client.send(get(server.host))

        error = error_for(response, "app:1.0")
        assert isinstance(error, RateLimitedError)
        assert error.retry_after
        assert error.retry_after >= 3600
        assert "TOOMANYREQUESTS: pull rate limit; try again in" in str(error)
        assert len(server.seen) == 1
        assert clock.slept == []

    async def test_all_requests_to_the_server_wait_and_one_goes_first(self) -> None:
        clock = VirtualClock()
        times: list[float] = []

        def script(seen: Seen) -> bytes:
            times.append(clock.monotonic())
            return refusal(429, headers={"Retry-After": "10"}) if clock.monotonic() < 1030 else answer()

        async with Scripted(script) as server, Recorded(bare(timeout=100, concurrency=4), clock=clock) as client:
            answers = await asyncio.gather(*(client.send(get(server.host)) for _ in range(40)))

        assert {response.status for response in answers} == {200}
        later = [time for time in times if 1000 < time < 1030]
        assert set(later) == {1010.5, 1021.0}
        assert len(later) <= 2 + 4  # those that were on their way already may arrive late on this clock

    async def test_other_servers_are_not_concerned(self) -> None:
        clock = VirtualClock()
        async with (
            Scripted(lambda seen: refusal(429, headers={"Retry-After": "50"})) as busy,
            Scripted(lambda seen: answer()) as free,
            Recorded(clock=clock) as client,
        ):
            waiting = asyncio.create_task(client.send(get(busy.host)))
            assert (await client.send(get(free.host))).status == 200
            await waiting

    async def test_a_request_that_cannot_wait_so_long_says_how_long(self) -> None:
        clock = VirtualClock()
        later: Script = in_turn(
            refusal(429, headers={"Retry-After": "30"}), refusal(429, headers={"Retry-After": "50"})
        )
        async with Scripted(later) as server, Recorded(bare(timeout=45), clock=clock) as client:
            await client.send(get(server.host))
            with pytest.raises(RateLimitedError, match=f"{server.host} asks to be left alone for 5[01] s") as caught:
                await client.send(get(server.host))

        assert caught.value.retry_after == pytest.approx(50.5)

    async def test_an_upload_that_goes_first_does_not_wait_for_what_it_sends(self) -> None:
        """Its content comes from the same server, and would wait for the upload to have been answered."""
        later = in_turn(refusal(429, headers={"Retry-After": "10"}), answer(201))

        def script(seen: Seen) -> bytes | list[Step]:
            return [answer(200, WHOLE)] if seen.method == "GET" else later(seen)  # type: ignore[return-value]

        async with Scripted(script) as server, Recorded(clock=VirtualClock()) as client:

            async def content() -> AsyncIterator[bytes]:
                async with client.stream(get(server.host)) as stream:
                    async for chunk in stream.chunks():
                        yield chunk

            upload = ask("PUT", server.host, body=Body(size=len(WHOLE), open=content))
            assert (await asyncio.wait_for(client.send(upload), 10)).status == 201


async def test_what_is_left_of_a_quota_is_told() -> None:
    headers = {"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "7;w=21600"}
    async with Scripted(lambda seen: answer(200, headers=headers)) as server, Recorded() as client:
        await client.send(get(server.host))
        await client.send(get(server.host))

    assert client.told(QuotaSeen) == [QuotaSeen(host=server.host, limit=100, remaining=7, window=21600)]


@pytest.mark.parametrize("seed", range(30))
async def test_under_mixed_faults_an_answer_is_right_or_a_clear_error(seed: int) -> None:
    import random

    chance = random.Random(seed)
    faults = [*BROKEN.values(), refusal(429, headers={"Retry-After": "2"})]

    def script(seen: Seen) -> bytes | list[Step]:
        return chance.choice(faults) if chance.random() < 0.3 else answer(200, seen.path.encode() * 50)

    async def one(number: int) -> None:
        try:
            response = await client.send(get(server.host, f"/v2/{number}"))
        except (UnreachableError, TimedOutError, RateLimitedError):
            return
        assert response.status != 200 or response.content == f"/v2/{number}".encode() * 50

    async with Scripted(script) as server, Recorded(bare(concurrency=4), clock=VirtualClock(chance.random())) as client:
        await asyncio.gather(*(one(number) for number in range(12)))
        server.script = lambda seen: answer(200, b"fine")
        assert (await client.send(get(server.host))).content == b"fine"


def test_jitter_is_full_and_bounded() -> None:
    assert [retry.backoff(tries, 1.0) for tries in range(1, 9)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
    assert retry.backoff(5, 0.0) == 0.0
