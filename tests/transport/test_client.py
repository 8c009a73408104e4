"""The client as its callers see it: requests in, answers out."""

import asyncio
import traceback
from collections.abc import AsyncIterator

import pytest

from regtool.errors import ContentError, TimedOutError, UnreachableError
from regtool.transport.credential import RegistryToken
from regtool.transport.events import Answered, Failed, Retrying, Warned
from regtool.transport.message import Body
from tests.transport.fixtures import Recorded, VirtualClock, ask, bare, body_of, get, network
from tests.transport.scripted import CLOSE, RESET, Pause, Scripted, answer, in_turn, refusal


async def test_a_request_reaches_the_registry_as_it_is_and_the_answer_comes_back_as_it_is() -> None:
    async with Scripted(lambda seen: answer(200, b"\x00raw\xff", {"X-Thing": "1"})) as server, Recorded() as client:
        response = await client.send(get(server.host, "/v2/a/b?_state=a%3db+c%2F", headers={"Accept": "x/y"}))

    assert (response.status, response.content, response.headers["x-thing"]) == (200, b"\x00raw\xff", "1")
    assert response.url == f"http://{server.host}/v2/a/b?_state=a%3db+c%2F"
    assert server.targets == ["GET /v2/a/b?_state=a%3db+c%2F"]
    assert server.seen[0].headers == {
        "host": server.host,
        "user-agent": "regtool",
        "accept": "x/y",
        "accept-encoding": "identity",
    }


async def test_nothing_is_asked_before_the_first_request() -> None:
    async with Scripted(lambda seen: answer()) as server, Recorded() as client:
        assert server.connections == 0
        await client.send(get(server.host))

    assert server.targets == ["GET /v2/app/manifests/1.0"]


@pytest.mark.parametrize("status", [200, 204, 404, 405, 416, 501])
async def test_any_final_status_is_an_answer(status: int) -> None:
    async with Scripted(lambda seen: answer(status)) as server, Recorded() as client:
        assert (await client.send(get(server.host))).status == status
        assert len(server.seen) == 1


async def test_connections_are_kept_open() -> None:
    async with Scripted(lambda seen: answer(200, b"x")) as server, Recorded() as client:
        for _ in range(5):
            await client.send(get(server.host))

    assert server.connections == 1


@pytest.mark.parametrize("delay", [0.0, 0.02])
async def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one(delay: float) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue")
        await asyncio.sleep(delay)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Recorded() as client:
            for _ in range(2):
                assert (await client.send(get(host))).content == b"true"
                await asyncio.sleep(2 * delay)
        await asyncio.sleep(0.05)  # for the server to see that the client has gone


async def test_at_most_so_many_requests_at_a_time_go_to_one_host() -> None:
    async with Scripted(lambda seen: [Pause(0.02), answer()]) as server, Recorded(bare(concurrency=3)) as client:
        await asyncio.gather(*(client.send(get(server.host)) for _ in range(12)))

    assert server.connections == 3


async def test_a_body_of_bytes_and_a_streamed_one_arrive_with_their_length() -> None:
    async with Scripted(lambda seen: answer(201)) as server, Recorded() as client:
        await client.send(ask("PUT", server.host, body=b"abc"))
        await client.send(ask("PUT", server.host, body=body_of(b"abc", b"", b"d" * 200_000)))
        await client.send(ask("POST", server.host, "/v2/app/blobs/uploads/"))

    assert [len(seen.body) for seen in server.seen] == [3, 200_003, 0]
    assert [seen.headers["content-length"] for seen in server.seen] == ["3", "200003", "0"]


async def test_a_body_that_was_cut_short_is_closed_before_it_is_opened_anew() -> None:
    story: list[str] = []

    async def opened() -> AsyncIterator[bytes]:
        story.append("opened")
        try:
            for _ in range(200):
                yield b"x" * 65536
        finally:
            story.append("closed")

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.transport.abort()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server, Recorded(clock=VirtualClock()) as client:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(UnreachableError):
            await client.send(ask("PUT", host, body=Body(size=200 * 65536, open=opened)))

    assert story == ["opened", "closed"] * 6


@pytest.mark.parametrize("size", [0, 5, 7, 100])
async def test_a_body_that_is_not_of_its_size_is_an_error(size: int) -> None:
    body = Body(size=size, open=body_of(b"abc", b"def").open)
    async with Scripted(lambda seen: answer(201)) as server, Recorded() as client:
        with pytest.raises(ContentError, match=f"is not of the {size} bytes that were announced"):
            await client.send(ask("PUT", server.host, body=body))
        assert (await client.send(get(server.host))).status == 201


@pytest.mark.parametrize("target", ["/v2/a b", "/v2/\r\nX: y", "/v2/é", "/v2/#x", "/v2\\x"])
async def test_a_target_that_no_request_line_can_hold_is_an_error(target: str) -> None:
    async with Scripted(lambda seen: answer()) as server, Recorded() as client:
        with pytest.raises(ContentError, match="is no path to ask for"):
            await client.send(get(server.host, target))

    assert server.seen == []


@pytest.mark.parametrize("concurrency", [1, 2])
async def test_what_one_request_sends_may_come_from_another_to_the_same_server(concurrency: int) -> None:
    async with Scripted(lambda seen: answer(200, b"blob")) as server, Recorded(bare(concurrency=concurrency)) as client:

        async def copied() -> AsyncIterator[bytes]:
            async with client.stream(get(server.host, "/source")) as stream:
                async for chunk in stream.chunks():
                    yield chunk

        copies = [client.send(ask("PUT", server.host, body=Body(size=4, open=copied))) for _ in range(8)]
        async with asyncio.timeout(10):
            await asyncio.gather(*copies)

    assert [seen.body for seen in server.seen if seen.method == "PUT"] == [b"blob"] * 8


async def test_a_streamed_body_is_opened_anew_for_each_try() -> None:
    async with Scripted(in_turn(refusal(503), answer(201))) as server, Recorded(clock=VirtualClock()) as client:
        response = await client.send(ask("PUT", server.host, body=body_of(b"one", b"two")))

    assert response.status == 201
    assert [seen.body for seen in server.seen] == [b"onetwo", b"onetwo"]


async def test_a_head_has_no_body_however_long_it_says_the_content_is() -> None:
    async with (
        Scripted(lambda seen: answer(200, b"", {"Content-Length": "99999999"}, length=None)) as server,
        Recorded() as client,
    ):
        response = await client.send(ask("HEAD", server.host))

    assert (response.content, response.headers["content-length"]) == (b"", "99999999")


async def test_an_answer_that_says_it_is_too_long_is_not_read() -> None:
    async with Scripted(lambda seen: answer(200, b"x", length=2**40)) as server, Recorded() as client:
        with pytest.raises(ContentError, match=r"the answer is 1099511627776 bytes long, the limit is 4194304"):
            await client.send(get(server.host))


async def test_an_answer_that_does_not_end_is_read_up_to_the_limit() -> None:
    endless = [answer(200, length=None), *([b"x" * 65536] * 200)]
    async with Scripted(lambda seen: endless) as server, Recorded() as client:
        with pytest.raises(ContentError, match="longer than 1000000 bytes"):
            await client.send(get(server.host, limit=1_000_000))


async def test_an_encoded_answer_is_refused_not_inflated() -> None:
    async with (
        Scripted(lambda seen: answer(200, b"\x1f\x8b", {"Content-Encoding": "gzip"})) as server,
        Recorded() as client,
    ):
        with pytest.raises(ContentError, match="encoded \\('gzip'\\)"):
            await client.send(get(server.host))


async def test_only_the_beginning_of_a_refusal_is_read() -> None:
    async with Scripted(lambda seen: answer(404, b"x" * 1_000_000)) as server, Recorded() as client:
        response = await client.send(get(server.host))

    assert len(response.content) == 65536


async def test_headers_without_end_are_an_error() -> None:
    huge = b"HTTP/1.1 200 OK\r\n" + b"X-Pad: " + b"y" * 3_000_000 + b"\r\n\r\n"
    async with Scripted(lambda seen: huge) as server, Recorded() as client:
        with pytest.raises(UnreachableError, match="does not answer in HTTP"):
            await client.send(get(server.host))


@pytest.mark.parametrize(
    "junk", [b"SSH-2.0-OpenSSH\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"]
)
async def test_what_is_no_http_is_an_error(junk: bytes) -> None:
    async with Scripted(lambda seen: [junk, CLOSE]) as server, Recorded() as client:
        with pytest.raises(UnreachableError, match="does not answer in HTTP"):
            await client.send(get(server.host))

    assert len(server.seen) == 1


class TestStream:
    """A body in chunks."""

    async def test_brings_the_body_as_it_arrives(self) -> None:
        async with (
            Scripted(lambda seen: [answer(200, b"one", length=6), Pause(0.05), b"two"]) as server,
            Recorded() as client,
            client.stream(get(server.host)) as stream,
        ):
            chunks = [chunk async for chunk in stream.chunks()]

        assert (stream.status, chunks) == (200, [b"one", b"two"])

    async def test_may_be_left_early_and_the_client_stays_usable(self) -> None:
        async with (
            Scripted(lambda seen: answer(200, b"x" * 500_000)) as server,
            Recorded(bare(concurrency=1)) as client,
        ):
            async with client.stream(get(server.host)) as stream:
                async for _ in stream.chunks():
                    break
            assert (await client.send(get(server.host))).status == 200

    async def test_has_a_refusal_read_already(self) -> None:
        async with (
            Scripted(lambda seen: refusal(404, "BLOB_UNKNOWN")) as server,
            Recorded() as client,
            client.stream(get(server.host)) as stream,
        ):
            whole = await stream.whole()

        assert (whole.status, b"BLOB_UNKNOWN" in whole.content) == (404, True)

    async def test_that_breaks_off_is_an_error_that_names_the_server(self) -> None:
        async with (
            Scripted(lambda seen: [answer(200, b"half", length=100), RESET]) as server,
            Recorded() as client,
            client.stream(get(server.host)) as stream,
        ):
            with pytest.raises(UnreachableError, match=f"{server.host} broke off the connection"):
                _ = [chunk async for chunk in stream.chunks()]

    async def test_that_drips_falls_below_the_floor_of_throughput(self) -> None:
        drip = [answer(200, b"", length=1000), *[step for _ in range(100) for step in (b"x", Pause(0.05))]]
        async with (
            Scripted(lambda seen: drip) as server,
            Recorded(bare(timeout=0.4)) as client,
            client.stream(get(server.host)) as stream,
        ):
            with pytest.raises(TimedOutError, match="did not finish its answer in time"):
                _ = [chunk async for chunk in stream.chunks()]

    async def test_that_is_long_but_lively_outlasts_the_time_for_one_request(self) -> None:
        lively = [answer(200, b"", length=65536 * 8), *[step for _ in range(8) for step in (b"x" * 65536, Pause(0.1))]]
        async with (
            Scripted(lambda seen: lively) as server,
            Recorded(bare(timeout=0.4)) as client,
            client.stream(get(server.host)) as stream,
        ):
            assert sum([len(chunk) async for chunk in stream.chunks()]) == 65536 * 8

    async def test_does_not_count_the_time_that_its_reader_takes(self) -> None:
        async with (
            Scripted(lambda seen: [answer(200, b"a" * 10, length=20), Pause(0.3), b"b" * 10]) as server,
            Recorded(bare(timeout=0.5)) as client,
            client.stream(get(server.host)) as stream,
        ):
            sizes = []
            async for chunk in stream.chunks():
                await asyncio.sleep(0.4)
                sizes.append(len(chunk))

        assert sizes == [10, 10]


class TestTime:
    """The total deadline."""

    async def test_ends_the_wait_for_a_server_that_never_answers(self) -> None:
        async with Scripted(lambda seen: [Pause(30)]) as server, Recorded(bare(timeout=0.3)) as client:
            with pytest.raises(TimedOutError, match=f"{server.host} did not finish its answer in time; allow more"):
                await client.send(get(server.host))

    async def test_ends_a_body_that_drips(self) -> None:
        drip = [answer(200, b"", length=1000), *[step for _ in range(100) for step in (b"x", Pause(0.05))]]
        async with Scripted(lambda seen: drip) as server, Recorded(bare(timeout=0.3)) as client:
            with pytest.raises(TimedOutError):
                await client.send(get(server.host))

    async def test_ends_headers_that_drip(self) -> None:
        drip = [step for letter in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 99 for step in (bytes([letter]), Pause(0.02))]
        async with Scripted(lambda seen: drip) as server, Recorded(bare(timeout=0.3)) as client:
            with pytest.raises(TimedOutError):
                await client.send(get(server.host))

    async def test_covers_all_retries_together(self) -> None:
        async with Scripted(lambda seen: [Pause(0.15), refusal(503)]) as server, Recorded(bare(timeout=0.5)) as client:
            client.clock.chance = lambda: 0.0  # type: ignore[method-assign]
            with pytest.raises(TimedOutError):
                await client.send(get(server.host))

        assert 2 <= len(server.seen) <= 4

    async def test_cancelled_requests_leave_the_client_usable(self) -> None:
        async with Scripted(lambda seen: [Pause(0.03), answer()]) as server, Recorded(bare(concurrency=4)) as client:
            for _ in range(20):
                tasks = [asyncio.create_task(client.send(get(server.host))) for _ in range(8)]
                await asyncio.sleep(0.01)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            assert (await client.send(get(server.host))).status == 200


class TestEvents:
    """What the listener is told."""

    async def test_each_request_and_each_retry_with_its_reason(self) -> None:
        async with (
            Scripted(in_turn(refusal(502), answer(200, b"12345"))) as server,
            Recorded(clock=VirtualClock()) as client,
        ):
            await client.send(get(server.host, "/v2/app/x?token=SECRET&n=1"))

        url = f"http://{server.host}/v2/app/x?token=REDACTED&n=1"
        assert [(event.status, event.url) for event in client.told(Answered)] == [(502, url), (200, url)]
        assert client.told(Answered)[1].received == 5
        assert [(event.reason, event.wait, event.attempt) for event in client.told(Retrying)] == [
            ("status 502", 0.25, 2)
        ]

    async def test_a_failure(self) -> None:
        async with Scripted(in_turn([CLOSE], answer())) as server, Recorded(clock=VirtualClock()) as client:
            await client.send(get(server.host))

        assert [event.reason for event in client.told(Failed)] == [f"{server.host} broke off the connection"]

    async def test_a_warning_of_the_registry_once_and_made_safe(self) -> None:
        warned = answer(200, headers={"Warning": '299 - "do \\"not\\" \x1b[31m panic"'})
        async with Scripted(lambda seen: warned) as server, Recorded() as client:
            await client.send(get(server.host))
            await client.send(get(server.host))

        assert client.told(Warned) == [Warned(host=server.host, text='do "not" \\x1b[31m panic')]


async def test_names_are_resolved_once_for_a_connection() -> None:
    async with Scripted(lambda seen: answer()) as server:
        names = network({"registry.test": "127.0.0.1"}, {("127.0.0.1", 80): server.port})
        async with Recorded(bare(plain_http=True), network=names) as client:
            assert (await client.send(get("registry.test"))).status == 200

    assert server.seen[0].headers["host"] == "registry.test"


async def test_a_header_that_http_does_not_know_is_not_shown() -> None:
    async with Scripted(lambda seen: answer()) as server:
        settings = bare(credentials={server.host: RegistryToken("s3cret\n")})
        async with Recorded(settings) as client:
            server.script = in_turn(refusal(401, headers={"WWW-Authenticate": "Basic"}), answer())
            with pytest.raises(ValueError, match="a request that HTTP does not know") as caught:
                await client.send(get(server.host))

    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
