"""Lines: TLS once, and TLS within TLS, as a proxy that is spoken to over TLS needs it."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
import trustme

from regtool.transport.failure import ConnectFailed
from regtool.transport.line import Line

AUTHORITY = trustme.CA()


def patience() -> float:
    return 5.0


def trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    AUTHORITY.configure_trust(context)
    return context


def speaking_for(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Writes what it reads, and closes when that ends."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


@asynccontextmanager
async def listening(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on a free port, and time for it to see that its clients have gone."""
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]
    await asyncio.sleep(0.05)


def echo(context: ssl.SSLContext | None) -> AbstractAsyncContextManager[int]:
    """Says everything again."""
    return listening(pump, context)


def relay(context: ssl.SSLContext, port: int) -> AbstractAsyncContextManager[int]:
    """Takes TLS off, and passes on what is in it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    return listening(serve, context)


async def said_again(line: Line, data: bytes) -> bytes:
    await line.write(data, patience)
    heard = b""
    while len(heard) < len(data):
        heard += await line.read(patience)
    return heard


@pytest.mark.parametrize("data", [b"hello", b"x" * 3_000_000])
async def test_bytes_come_as_they_went(data: bytes) -> None:
    async with echo(None) as port:
        line = await Line.dial("127.0.0.1", port)
        writing = asyncio.create_task(line.write(data, patience))
        heard = b""
        while len(heard) < len(data):
            heard += await line.read(patience)
        await writing
        await line.aclose()

    assert heard == data


async def test_tls_runs_within_tls() -> None:
    async with echo(speaking_for("registry.test")) as registry, relay(speaking_for("proxy.test"), registry) as proxy:
        outer = await (await Line.dial("127.0.0.1", proxy)).with_tls(trusting(), "proxy.test", patience)
        inner = await outer.with_tls(trusting(), "registry.test", patience)
        heard = await said_again(inner, b"through both")
        await inner.aclose()

    assert heard == b"through both"


async def test_a_certificate_for_another_name_is_refused() -> None:
    async with echo(speaking_for("other.test")) as port:
        line = await Line.dial("127.0.0.1", port)
        with pytest.raises(ConnectFailed) as refusal:
            await line.with_tls(trusting(), "registry.test", patience)
        await line.aclose()

    assert isinstance(refusal.value.__cause__, ssl.SSLCertVerificationError)


async def test_a_step_that_takes_too_long_ends() -> None:
    async with echo(None) as port:
        line = await Line.dial("127.0.0.1", port)
        with pytest.raises(TimeoutError):
            await line.read(lambda: 0.01)
        await line.aclose()


async def test_a_line_that_the_other_side_ended_is_over() -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with listening(leave) as port:
        line = await Line.dial("127.0.0.1", port)

        assert await line.read(patience) == b""
        assert line.is_over
        await line.aclose()
