"""Names to addresses to sockets: the addresses are looked at before the first byte is sent, and every wait ends.

HTTP libraries look at the name in a URL. A name that the registry chose can resolve to the machine's own services, and
to something else at the second look, so here the very address that is connected to is the one that was judged.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Self

from regtool.transport.address import is_literal
from regtool.transport.deadline import Deadline
from regtool.transport.early import Early
from regtool.transport.failure import ConnectFailed, ConnectTimedOut, ExchangeFailed, Kind
from regtool.transport.line import Line
from regtool.transport.origin import Origin
from regtool.values import dataclass

HEAD_START = 0.25  # seconds until the next address is tried beside this one (RFC 8305)
CONNECT_TIMEOUT = 10.0


@dataclass(slots=True)
class Exchange:
    """What is known of the exchange that a connection is used for.

    `judge` says why an address is no good, or None. `proxy` is what is connected to in place of the server.
    """

    deadline: Deadline
    judge: Callable[[str], str | None] | None = None
    proxy: Origin | None = None
    connected: bool = False  # whether a connection was opened for it, instead of one that was kept alive

    def opening(self) -> float:
        """How many seconds a connection may take to be there."""
        return min(CONNECT_TIMEOUT, self.deadline.remaining())


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host name, best first; an address is its own. Raises socket.gaierror."""
    if is_literal(host):
        return [host]
    # As bytes: text is put through IDNA first, which has an error of its own for a part longer than 63 characters.
    found = await asyncio.get_running_loop().getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def dial(address: str, port: int) -> Line:
    """A line to one address. Raises OSError."""
    return await Line.dial(address, port)


class Network:
    """Opens lines. Both steps can be replaced, so that tests have names of their own."""

    def __init__(
        self,
        resolve: Callable[[str, int], Awaitable[list[str]]] = resolve,
        dial: Callable[[str, int], Awaitable[Line]] = dial,
    ) -> None:
        self._resolve = resolve
        self._dial = dial
        self._looking: dict[tuple[str, int], asyncio.Future[list[str]]] = {}
        self.reached: dict[str, str] = {}  # host name -> the address last connected to

    @classmethod
    def after(cls, early: Early | None) -> Self:
        """A network that goes on with connections that were begun early."""
        if early is None:
            return cls()

        async def look_up(host: str, port: int) -> list[str]:
            known = await asyncio.to_thread(early.addresses) if (host, port) == early.server else []
            return known or await resolve(host, port)

        async def go_on(address: str, port: int) -> Line:
            begun = early.take(address, port)
            return await (Line.finish(begun) if begun else dial(address, port))

        return cls(look_up, go_on)

    async def connect(self, host: str, port: int, exchange: Exchange) -> Line:
        """A line to the first address that answers; all addresses have to pass the judge. Raises ConnectFailed."""
        exchange.connected = True
        try:
            async with asyncio.timeout(exchange.opening()):
                addresses = await self._addresses(host, port)
                _judge(host, addresses, exchange)
                line, address = await _first(addresses, lambda address: self._dial(address, port))
        except TimeoutError:
            raise ConnectTimedOut from None
        except OSError as error:
            raise ConnectFailed from error
        self.reached[host] = address
        return line

    async def _addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a name. Who asks while the same is being looked up waits for that answer."""
        name = (host, port)
        if name not in self._looking:
            self._looking[name] = asyncio.ensure_future(self._resolve(host, port))
            self._looking[name].add_done_callback(lambda _: self._looking.pop(name))
        return await asyncio.shield(self._looking[name])


def _judge(host: str, addresses: Sequence[str], exchange: Exchange) -> None:
    for address in addresses if exchange.judge else ():
        reason = exchange.judge(address) if exchange.judge else None
        if reason:
            raise ExchangeFailed(Kind.REFUSED, f"{host} is at {address}, {reason}")


def _abandon(attempt: asyncio.Future[Line]) -> None:
    """Ends the line of an attempt that came too late."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().abandon()


async def _first(addresses: Sequence[str], connect: Callable[[str], Awaitable[Line]]) -> tuple[Line, str]:
    """The connection that stands first; each next address joins when the ones before it fail or take long."""
    attempts: dict[asyncio.Future[Line], str] = {}
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
            attempt.add_done_callback(_abandon)
    raise failures[0] if failures else OSError("no address")
