"""Names to addresses to sockets: the addresses are looked at before the first byte is sent, and every wait ends.

HTTP libraries look at the name in a URL. A name that the registry chose can resolve to the machine's own services, and
to something else at the second look, so here the very address that is connected to is the one that was judged.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import Any

import httpcore

from regtool.transport.deadline import Deadline
from regtool.transport.failure import ExchangeFailed, Kind
from regtool.transport.origin import Origin
from regtool.values import dataclass

HEAD_START = 0.25  # seconds until the next address is tried beside this one (RFC 8305)
CONNECT_TIMEOUT = 10.0
LARGE, AT_ONCE = 64 * 1024, 256 * 1024  # bytes: who reads the one gets the other, for a quarter of the steps


@dataclass(slots=True)
class Exchange:
    """What is known of the exchange that a connection is used for.

    `judge` says why an address is no good, or None. `proxy` is what is connected to in place of the server.
    """

    deadline: Deadline
    judge: Callable[[str], str | None] | None = None
    proxy: Origin | None = None
    connected: bool = False  # whether a connection was opened for it, instead of one that was kept alive


CURRENT: ContextVar[Exchange] = ContextVar("exchange")


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host name, best first. Raises socket.gaierror."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def dial(address: str, port: int, timeout: float) -> httpcore.AsyncNetworkStream:
    """A connection to one address."""
    return await httpcore.AnyIOBackend().connect_tcp(address, port, timeout)


class Network(httpcore.AsyncNetworkBackend):
    """Opens connections for the HTTP library. Both steps can be replaced, so that tests have names of their own."""

    def __init__(
        self,
        resolve: Callable[[str, int], Awaitable[list[str]]] = resolve,
        dial: Callable[[str, int, float], Awaitable[httpcore.AsyncNetworkStream]] = dial,
    ) -> None:
        self._resolve = resolve
        self._dial = dial
        self.reached: dict[str, str] = {}  # host name -> the address last connected to

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that answers; all addresses have to pass the judge."""
        exchange = CURRENT.get()
        exchange.connected = True
        limit = min(CONNECT_TIMEOUT, exchange.deadline.remaining())
        try:
            async with asyncio.timeout(limit):
                addresses = await self._resolve(host, port)
                _judge(host, addresses, exchange)
                stream, address = await _first(addresses, lambda address: self._dial(address, port, limit))
        except TimeoutError:
            raise httpcore.ConnectTimeout from None
        self.reached[host] = address
        return WatchedStream(stream)

    async def sleep(self, seconds: float) -> None:
        """Waits, between the attempts that the HTTP library makes by itself: none here."""
        await asyncio.sleep(seconds)


class WatchedStream(httpcore.AsyncNetworkStream):
    """A connection whose reads and writes all end at the deadline of the exchange that uses it.

    While a request is sent and answered, that exchange is the current one of its task. Afterwards the body may be read
    by any task, so `deadline` is set for that time.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self.deadline: Deadline | None = None

    def _limit(self, timeout: float | None) -> float | None:
        exchange = CURRENT.get(None)
        deadline = self.deadline or (exchange.deadline if exchange else None)
        if deadline is None:
            return timeout
        return min(deadline.remaining(), deadline.seconds if timeout is None else timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Up to so many bytes, or up to `AT_ONCE` where the caller asks for a large piece anyway."""
        at_most = AT_ONCE if max_bytes >= LARGE else max_bytes
        return await self._stream.read(at_most, self._limit(timeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends all of `buffer`."""
        await self._stream.write(buffer, self._limit(timeout))

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """The same connection with TLS on it."""
        return WatchedStream(await self._stream.start_tls(ssl_context, server_hostname, self._limit(timeout)))

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows about itself."""
        return self._stream.get_extra_info(info)

    async def aclose(self) -> None:
        """Ends the connection."""
        await self._stream.aclose()


def _judge(host: str, addresses: Sequence[str], exchange: Exchange) -> None:
    for address in addresses if exchange.judge else ():
        reason = exchange.judge(address) if exchange.judge else None
        if reason:
            raise ExchangeFailed(Kind.REFUSED, f"{host} is at {address}, {reason}")


async def _first(
    addresses: Sequence[str], connect: Callable[[str], Awaitable[httpcore.AsyncNetworkStream]]
) -> tuple[httpcore.AsyncNetworkStream, str]:
    """The connection that stands first; each next address joins when the ones before it fail or take long."""
    attempts: dict[asyncio.Future[httpcore.AsyncNetworkStream], str] = {}
    failures: list[BaseException] = []
    waiting = list(addresses)
    try:
        while waiting or attempts:
            if waiting:
                address = waiting.pop(0)
                attempts[asyncio.ensure_future(connect(address))] = address
            done, _ = await asyncio.wait(
                attempts, timeout=HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for attempt in done:
                address = attempts.pop(attempt)
                failure = attempt.exception()
                if failure is None:
                    return attempt.result(), address
                failures.append(failure)
    finally:
        for attempt in attempts:
            attempt.cancel()
    raise failures[0] if failures else OSError("no address")
