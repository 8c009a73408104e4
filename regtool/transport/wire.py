"""The one place that knows the HTTP library: sends one request, once, and reads its answer.

The library is httpcore, the engine inside httpx, without httpx around it: registries need request targets byte for byte
(signed upload URLs), no cookies, no environment, no decoding, and a say in which address is connected to. It also
loads in 60 ms less, as `import httpx` brings a URL parser, `urllib.request` and, where click is installed, its own
command line.

Two of its habits are kept away from the rest. A request that is cancelled half-way leaks a slot of the pool, so each
runs to its end in a task of its own, and connections are counted by `gate`, not by the pool. And its time-outs are per
read, so `network` adds the deadline.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import field

import httpcore

from regtool.errors import ContentError
from regtool.transport.deadline import Deadline
from regtool.transport.failure import ExchangeFailed
from regtool.transport.headers import Headers
from regtool.transport.message import Body
from regtool.transport.network import AT_ONCE, CONNECT_TIMEOUT, CURRENT, Exchange, WatchedStream
from regtool.transport.origin import Place
from regtool.transport.pools import Pools
from regtool.transport.reason import failure_of
from regtool.values import dataclass

PORTION = 64 * 1024  # what has to get through within one deadline of a transfer
SHORT_READ = 64 * 1024  # for bodies of which only the beginning matters: errors, challenges, redirects
IDLE_TIMEOUT = 30.0  # seconds without a byte
KEEP_ALIVE = 30.0
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, ready to be sent. `name` is the registry's, for TLS and proxy settings; `judge` is for addresses."""

    method: str
    place: Place
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    name: str
    body: bytes | Body | None = None
    judge: Callable[[str], str | None] | None = None


class Answer:
    """The answer to one call, its body still on the wire. Has to be closed; closing it twice is fine."""

    def __init__(
        self, call: Call, response: httpcore.Response, exchange: Exchange, release: Callable[[], None]
    ) -> None:
        self.place = call.place
        self.status = response.status
        self.headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
        self.received = 0
        self._call = call
        self._response = response
        self._exchange = exchange
        self._release: Callable[[], None] | None = release
        stream = response.extensions.get("network_stream")
        self._watched = stream if isinstance(stream, WatchedStream) else None

    async def read(self, limit: int, what: str) -> bytes:
        """The whole body, as received, and closes. Raises ContentError when it is longer than `limit` bytes.

        The bodies of refusals are only looked into: they are cut instead.
        """
        cut = self.status >= 300
        limit = min(limit, SHORT_READ) if cut else limit
        try:
            self._refuse(limit, what, cut)
            content = bytearray()
            async for chunk in self._raw(self._exchange.deadline):
                content += chunk
                if len(content) > limit:
                    break
        finally:
            await self.aclose()
        if len(content) > limit and not cut:
            raise ContentError(what, f"the answer is longer than {limit} bytes")
        return bytes(content[:limit])

    async def chunks(self, what: str) -> AsyncIterator[bytes]:
        """The body as it arrives, at least `PORTION` in each period of the deadline."""
        self._refuse(None, what, cut=False)
        deadline = Deadline(self._exchange.deadline.seconds, self._exchange.deadline.monotonic)
        portion = 0
        async for chunk in self._raw(deadline):
            portion += len(chunk)
            if portion >= PORTION:
                portion = 0
                deadline.restart()
            before = deadline.remaining()
            yield chunk
            deadline.extend(before - deadline.remaining())  # the consumer's time is not the server's

    async def aclose(self) -> None:
        """Gives the connection back, or ends it where the body was not read to its end."""
        if self._release is None:
            return
        release, self._release = self._release, None
        try:
            if self._watched:
                self._watched.deadline = None
            await self._response.aclose()
        finally:
            release()

    async def _raw(self, deadline: Deadline) -> AsyncIterator[bytes]:
        if self._watched:
            self._watched.deadline = deadline
        with _mapped(self._call, self._exchange, deadline, opening=False):
            async for chunk in self._response.aiter_stream():
                self.received += len(chunk)
                yield chunk

    def _refuse(self, limit: int | None, what: str, cut: bool) -> None:
        encoding = self.headers.get("content-encoding", "identity").lower()
        if encoding not in ("", "identity") and self.status < 300 and self._call.method != "HEAD":
            raise ContentError(what, f"the answer is encoded ({encoding!r}), though identity was asked for")
        length = self.headers.get("content-length", "")
        if limit is not None and not cut and length.isdigit() and int(length) > limit and self._call.method != "HEAD":
            raise ContentError(what, f"the answer is {int(length)} bytes long, the limit is {limit}")


class Wire:
    """Sends calls. Opens nothing until it is used."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._running: set[asyncio.Task[httpcore.Response]] = set()

    async def open(self, call: Call, deadline: Deadline, release: Callable[[], None]) -> Answer:
        """Sends one call and returns when the head of its answer is there. Raises ExchangeFailed.

        `release` is called when the answer is closed.
        """
        proxy = self._pools.proxy(call.place.origin)
        # Behind a proxy it is the proxy that looks up names, and its own address is the user's choice.
        exchange = Exchange(deadline, None if proxy else call.judge, proxy.origin if proxy else None)
        return Answer(call, await self._exchange(call, exchange), exchange, release)

    async def _exchange(self, call: Call, exchange: Exchange) -> httpcore.Response:
        pool = self._pools.pool(call.place.origin, call.name)
        task = asyncio.create_task(_send(pool.handle_async_request, call, exchange))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            with _mapped(call, exchange, exchange.deadline, opening=True):
                return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_drop)  # it runs to its end without us
            raise

    async def aclose(self) -> None:
        """Ends what still runs and closes all connections."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._pools.aclose()


async def _send(
    handle: Callable[[httpcore.Request], Awaitable[httpcore.Response]], call: Call, exchange: Exchange
) -> httpcore.Response:
    CURRENT.set(exchange)
    origin = call.place.origin
    # A write may be at work for all of the time that is left; a read that is silent for long is better asked again.
    silence = exchange.deadline.seconds if call.method in _WRITES else IDLE_TIMEOUT
    content = _portions(call.body, exchange.deadline) if isinstance(call.body, Body) else call.body
    try:
        return await handle(
            httpcore.Request(
                call.method,
                httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=call.place.target),
                headers=[("Host", origin.authority), *call.headers, *_length(call)],
                content=content,
                extensions={"timeout": {"connect": CONNECT_TIMEOUT, "read": silence, "write": IDLE_TIMEOUT}},
            )
        )
    finally:
        await _close(content)


def _length(call: Call) -> list[tuple[str, str]]:
    if call.body is None:
        return [("Content-Length", "0")] if call.method in _WRITES - {"DELETE"} else []
    return [("Content-Length", str(call.body.size if isinstance(call.body, Body) else len(call.body)))]


async def _portions(body: Body, deadline: Deadline) -> AsyncIterator[bytes]:
    """The body in portions, each with the full time. Raises ContentError if it is not of the announced size."""
    left, chunks = body.size, body.open()
    try:
        async for chunk in chunks:
            left -= len(chunk)
            if left < 0:
                break
            for start in range(0, len(chunk), AT_ONCE):
                deadline.restart()
                yield chunk[start : start + AT_ONCE]
    finally:
        await _close(chunks)
    if left:
        raise ContentError("the body to be sent", f"is not of the {body.size} bytes that were announced")
    deadline.restart()


async def _close(content: object) -> None:
    """Ends a body that was not sent to its end: what it reads from is needed for the next try."""
    if isinstance(content, AsyncGenerator):
        await content.aclose()


def _drop(task: asyncio.Task[httpcore.Response]) -> None:
    if not task.cancelled() and task.exception() is None:
        closing = asyncio.get_running_loop().create_task(task.result().aclose())
        _closing.add(closing)
        closing.add_done_callback(_closing.discard)


_closing: set[asyncio.Task[None]] = set()  # the loop itself holds its tasks only weakly


@contextmanager
def _mapped(call: Call, exchange: Exchange, deadline: Deadline, *, opening: bool) -> Iterator[None]:
    """Turns the library's exceptions into ExchangeFailed; a connection that was reused may only have been stale."""
    try:
        yield
    except ExchangeFailed:
        raise
    except Exception as failure:
        reused = opening and not exchange.connected
        late = deadline.remaining() == 0
        mapped = failure_of(failure, call.place.origin, proxy=exchange.proxy, late=late, reused=reused)
        if mapped is None:
            raise
        raise mapped from failure
