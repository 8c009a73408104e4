"""The connection fails: it is refused, breaks off, stalls, or drips."""

import asyncio
import socket
from dataclasses import replace

from regtool.transport.clock import SystemClock
from regtool.transport.line import Line
from regtool.transport.network import Network, dial
from tests.faults.proxy import Forward, after, cut, drip, instead
from tests.faults.row import Row
from tests.faults.rows.arranging import (
    LARGE,
    NAME,
    PUBLIC,
    SHORT,
    Arrange,
    all_of,
    always,
    named,
    on,
    pulling,
    pushing,
)
from tests.faults.world import LAYER, READ, WRITE, World
from tests.transport.scripted import CLOSE, RESET, Pause, Reply, Seen

_GONE, _LATER = socket.EAI_NONAME, socket.EAI_AGAIN


def nobody(world: World) -> None:
    """Another host, where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        world.host = f"127.0.0.1:{probe.getsockname()[1]}"


def hurried(*arrangements: Arrange) -> Arrange:
    """Waits by the real clock, and not for long."""

    def arrange(world: World) -> None:
        world.clock, world.settings["timeout"] = SystemClock(), SHORT

    return all_of(arrange, *arrangements)


async def short_by_chunks(seen: Seen, forward: Forward) -> Reply:
    """The answer in chunks, the last of which does not come."""
    whole = (await forward(seen)).with_header("transfer-encoding", "chunked").encode(length=None)
    head, _, body = whole.partition(b"\r\n\r\n")
    half = body[: len(body) // 2]
    return [b"%s\r\n\r\n%x\r\n%s\r\n" % (head, len(half), half), CLOSE]


async def of_http_1_0(seen: Seen, forward: Forward) -> Reply:
    """The connection ends with each answer, as it did in the beginning."""
    return [(await forward(seen)).encode().replace(b"HTTP/1.1", b"HTTP/1.0", 1), CLOSE]


async def tired(seen: Seen, forward: Forward) -> Reply:
    """Ends the connection after each answer, without having said so."""
    return [(await forward(seen)).encode(), CLOSE]


def without_length(*, digest: bool) -> Arrange:
    """Half a body that ends where the connection ends."""

    async def react(seen: Seen, forward: Forward) -> Reply:
        answered = (await forward(seen)).with_header("connection", "close")
        answered = answered if digest else answered.with_header("docker-content-digest", None)
        whole = answered.encode(length=None)
        return [whole[: len(whole) - len(answered.body) // 2], CLOSE]

    return always(READ, react)


async def all_again(seen: Seen, forward: Forward) -> Reply:
    """A server that knows no ranges."""
    plain = {name: value for name, value in seen.headers.items() if name != "range"}
    return (await forward(replace(seen, headers=plain))).encode()


async def another_part(seen: Seen, forward: Forward) -> Reply:
    """A part that begins too late."""
    answered = await forward(seen)
    if "range" not in seen.headers:
        return answered.encode()
    start = int(seen.headers["range"][6:-1])
    return answered.with_header("content-range", f"bytes {start + 7}-{LARGE - 1}/{LARGE}").encode()


def asks_for_the_rest_alone(world: World) -> None:
    """No byte comes twice."""
    ranges = [seen.headers["range"] for seen in world.proxy.seen if "range" in seen.headers]
    assert len(ranges) == 1
    assert 0 < int(ranges[0].removeprefix("bytes=").removesuffix("-")) <= LARGE * 6 // 10


def black_hole(world: World) -> None:
    """A registry with two addresses, the first of which swallows everything."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["2001:db8::1", PUBLIC]

    async def connect(address: str, port: int) -> Line:
        if ":" in address:
            await asyncio.sleep(60)
        return await dial("127.0.0.1", int(world.proxy.host.rpartition(":")[2]))

    world.host, world.settings["plain_http"], world.network = NAME, True, Network(resolve, connect)


# fmt: off
ROWS = [
    Row(1, "nobody listens", nobody, code=6, heals=False),
    Row(2, "there is no such host", named(*[_GONE] * 20), code=6, heals=False),
    Row(2, "the resolver fails twice", named(_LATER, _LATER)),
    Row(2, "the resolver fails for ever", named(*[_LATER] * 60), code=6, heals=False),
    Row(3, "a read is reset before its answer, once", on(READ, instead(RESET))),
    Row(3, "a read is reset before its answer, always", always(READ, instead(RESET)), code=6),
    Row(3, "the start of an upload is reset, once", pushing(on("POST", instead(RESET)))),
    Row(4, "the connection ends before the answer, once", on(READ, instead(CLOSE))),
    Row(4, "the connection ends before the answer, always", always(READ, instead(CLOSE)), code=6),
    Row(5, "reset in the middle of a manifest, once", on(READ, cut(0.5, RESET))),
    Row(5, "reset in the middle of a manifest, always", always(READ, cut(0.5, RESET)), code=6),
    Row(6, "a body shorter than promised, once", on(READ, cut(0.5))),
    Row(6, "a body shorter than promised, always", always(READ, cut(0.5)), code=6),
    Row(7, "a body without a length, cut short", without_length(digest=True), code=8),
    Row(7, "the same, without a digest", without_length(digest=False), code=8),
    Row(8, "chunks that break off, once", on(READ, short_by_chunks)),
    Row(8, "chunks that break off, always", always(READ, short_by_chunks), code=6),
    Row(9, "reset in the middle of a blob, once", pulling(on(LAYER, cut(0.6, RESET))), layer=LARGE,
        check=asks_for_the_rest_alone),
    Row(9, "reset in the middle of a blob, always", pulling(always(LAYER, cut(0.0, RESET))), layer=LARGE, code=6),
    Row(9, "an upload is reset, once", pushing(on("PUT .*/blobs", instead(RESET)))),
    Row(9, "the answer to an upload is lost", pushing(on("PUT .*/blobs", after(RESET)))),
    Row(10, "a blob breaks off, and the server knows no ranges",
        pulling(on(LAYER, cut(0.6)), always(LAYER, all_again)), layer=LARGE),
    Row(11, "a blob breaks off, and another part of it comes",
        pulling(on(LAYER, cut(0.6)), always(LAYER, another_part)), layer=LARGE, code=8),
    Row(12, "the head of an answer drips", hurried(always(READ, drip(0.05))), code=10),
    Row(13, "the body of an answer drips", hurried(always(READ, drip(0.1, 30))), code=10),
    Row(13, "a blob drips", hurried(pulling(always(LAYER, drip(0.05, 100)))), layer=LARGE, code=10),
    Row(14, "no answer at all", hurried(always(READ, instead(Pause(60)))), code=10),
    Row(14, "no answer to the write, which was done", hurried(always(WRITE, after(Pause(60))))),
    Row(58, "an address that swallows everything beside one that answers", black_hole),
    Row(59, "a server of HTTP/1.0", always("", of_http_1_0)),
    Row(59, "a connection that is given up without a word", always("", tired)),
]
