"""Sends one request, once, and reads its answer.

The grammar of HTTP is h11's, the lines are asyncio's, and what is between the two is small: registries need request
targets byte for byte (signed upload URLs), no cookies, no environment, no decoding, a say in which address is connected
to, and deadlines on the clock. `import httpx` would bring all that has to be switched off, in 95 ms; httpcore, the
engine inside it, and the library below that one still took 60 ms of every start.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import field

from regtool.errors import ContentError, RegtoolError
from regtool.transport.connection import Connection, Head
from regtool.transport.deadline import Deadline
from regtool.transport.failure import ExchangeFailed
from regtool.transport.headers import Headers
from regtool.transport.line import CHUNK
from regtool.transport.message import Body
from regtool.transport.network import Exchange
from regtool.transport.origin import Place
from regtool.transport.pools import Pools, Route, authorization
from regtool.transport.reason import failure_of
from regtool.values import dataclass

PORTION = 64 * 1024  # what has to get through within one deadline of a transfer
SHORT_READ = 64 * 1024  # for bodies of which only the beginning matters: errors, challenges, redirects
IDLE_TIMEOUT = 30.0  # seconds without a byte
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
        self, call: Call, head: Head, exchange: Exchange, connection: Connection, release: Callable[[], Awaitable[None]]
    ) -> None:
        self.place = call.place
        self.status = head.status_code
        self.headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
        self.received = 0
        self._call = call
        self._exchange = exchange
        self._connection = connection
        self._release: Callable[[], Awaitable[None]] | None = release

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
        await release()

    async def _raw(self, deadline: Deadline) -> AsyncIterator[bytes]:
        with _mapped(self._call, self._exchange, deadline, opening=False):
            async for chunk in self._connection.chunks(lambda: min(deadline.remaining(), IDLE_TIMEOUT)):
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

    async def open(self, call: Call, deadline: Deadline, release: Callable[[], None]) -> Answer:
        """Sends one call and returns when the head of its answer is there. Raises ExchangeFailed.

        `release` is called when the answer is closed.
        """
        route = self._pools.route(call.place.origin, call.name)
        proxy = route.proxy.origin if route.proxy else None
        # Behind a proxy it is the proxy that looks up names, and its own address is the user's choice.
        exchange = Exchange(deadline, None if proxy else call.judge, proxy)
        with _mapped(call, exchange, deadline, opening=True):
            connection = await self._pools.take(route, exchange)
            try:
                head = await _ask(connection, route, call, exchange)
            except BaseException:
                await self._pools.close(connection)
                raise

        async def give_back() -> None:
            try:
                await self._pools.give_back(route, connection, deadline.monotonic())
            finally:
                release()

        return Answer(call, head, exchange, connection, give_back)

    async def aclose(self) -> None:
        """Ends all connections, and so what still runs on them."""
        await self._pools.aclose()


async def _ask(connection: Connection, route: Route, call: Call, exchange: Exchange) -> Head:
    origin, deadline = call.place.origin, exchange.deadline
    # A write may be at work for all of the time that is left; a read that is silent for long is better asked again.
    silence = deadline.seconds if call.method in _WRITES else IDLE_TIMEOUT
    headers = [("Host", origin.authority), *call.headers, *_length(call)]
    target = call.place.target
    if route.proxy and route.is_relayed:
        headers += authorization(route.proxy)
        target = f"http://{origin.host}:{origin.port}{target}"
    content = _portions(call.body, deadline) if isinstance(call.body, Body) else call.body
    try:
        return await connection.ask(call.method, target, headers, content, lambda: min(deadline.remaining(), silence))
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
            for start in range(0, len(chunk), CHUNK):
                deadline.restart()
                yield chunk[start : start + CHUNK]
    finally:
        await _close(chunks)
    if left:
        raise ContentError("the body to be sent", f"is not of the {body.size} bytes that were announced")
    deadline.restart()


async def _close(content: object) -> None:
    """Ends a body that was not sent to its end: what it reads from is needed for the next try."""
    if isinstance(content, AsyncGenerator):
        await content.aclose()


@contextmanager
def _mapped(call: Call, exchange: Exchange, deadline: Deadline, *, opening: bool) -> Iterator[None]:
    """Turns what the network raises into ExchangeFailed; a connection that was reused may only have been stale."""
    try:
        yield
    except (ExchangeFailed, RegtoolError):  # such as a certificate that cannot be read
        raise
    except Exception as failure:
        reused = opening and not exchange.connected
        late = deadline.remaining() == 0
        mapped = failure_of(failure, call.place.origin, proxy=exchange.proxy, late=late, reused=reused)
        if mapped is None:
            raise
        raise mapped from failure
