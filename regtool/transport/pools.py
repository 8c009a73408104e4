"""Connections that are kept open, and the ways to new ones: which certificates are trusted, and through which proxy."""

import base64
import ssl

import h11

from regtool.transport.connection import Connection
from regtool.transport.failure import ConnectFailed, ConnectTimedOut, ProxyRefused, ProxyUntrusted
from regtool.transport.line import Line
from regtool.transport.network import Exchange, Network
from regtool.transport.origin import Origin
from regtool.transport.proxy import ProxyRules, ProxyServer
from regtool.transport.settings import Settings
from regtool.transport.tls import Trust, context_for, trust_for, trust_in_proxy
from regtool.values import dataclass

KEEP_ALIVE = 30.0  # seconds that a connection is kept for without use


@dataclass(frozen=True, slots=True)
class Route:
    """A way to a server. Connections are used again for the same way only."""

    origin: Origin
    trust: Trust | None
    proxy: ProxyServer | None

    @property
    def is_relayed(self) -> bool:
        """Whether the proxy reads each request and sends it on, as it does with plain http."""
        return self.proxy is not None and self.trust is None


class Pools:
    """Opens connections as they are needed and keeps them."""

    def __init__(self, settings: Settings, proxies: ProxyRules, network: Network) -> None:
        self._settings = settings
        self._proxies = proxies
        self._network = network
        self._free: dict[Route, list[Connection]] = {}
        self._open: set[Connection] = set()
        self._trusts: dict[str, Trust] = {}
        self._contexts: dict[Trust, ssl.SSLContext] = {}

    def route(self, origin: Origin, name: str) -> Route:
        """The way to `origin`, with what is set for the registry `name`."""
        return Route(origin, self._trust(name) if origin.scheme == "https" else None, self._proxies.proxy_for(origin))

    async def take(self, route: Route, exchange: Exchange) -> Connection:
        """A connection that is free, the one used last first, or a new one. It is given back, or closed."""
        now, free = exchange.deadline.monotonic(), self._free.setdefault(route, [])
        while free:
            connection = free.pop()
            if connection.is_free and now - connection.kept < KEEP_ALIVE and await connection.is_quiet():
                return connection
            await self.close(connection)
        connection = Connection(await self._line(route, exchange))
        self._open.add(connection)
        return connection

    async def give_back(self, route: Route, connection: Connection, now: float) -> None:
        """Keeps a connection for the next one who needs it, if it can be used again."""
        if not connection.is_free:
            await self.close(connection)
            return
        connection.kept = now
        self._free[route].append(connection)

    async def close(self, connection: Connection) -> None:
        """Ends one connection."""
        self._open.discard(connection)
        await connection.aclose()

    async def aclose(self) -> None:
        """Ends all connections."""
        while self._open:
            await self._open.pop().aclose()

    async def _line(self, route: Route, exchange: Exchange) -> Line:
        nearest = route.proxy.origin if route.proxy else route.origin
        line = await self._network.connect(nearest.host, nearest.port, exchange)
        try:
            if route.proxy and nearest.scheme == "https":
                line = await self._to_proxy(line, nearest, exchange)
            if route.proxy and route.trust:
                line = await _tunnel(line, route.origin, route.proxy, exchange)
            if route.trust:
                line = await line.with_tls(self._context(route.trust), route.origin.host, exchange.opening)
        except TimeoutError:
            await line.aclose()
            raise ConnectTimedOut from None
        except BaseException:
            await line.aclose()
            raise
        return line

    async def _to_proxy(self, line: Line, proxy: Origin, exchange: Exchange) -> Line:
        trust = trust_in_proxy(proxy.authority, self._settings)
        try:
            return await line.with_tls(self._context(trust), proxy.host, exchange.opening)
        except ConnectFailed as failure:
            raise ProxyUntrusted from failure

    def _trust(self, name: str) -> Trust:
        if name not in self._trusts:  # it looks at directories
            self._trusts[name] = trust_for(name, self._settings)
        return self._trusts[name]

    def _context(self, trust: Trust) -> ssl.SSLContext:
        if trust not in self._contexts:
            self._contexts[trust] = context_for(trust)
            self._contexts[trust].set_alpn_protocols(["http/1.1"])
        return self._contexts[trust]


def authorization(proxy: ProxyServer) -> list[tuple[str, str]]:
    """What a proxy with a password wants to see."""
    if proxy.auth is None:
        return []
    return [("Proxy-Authorization", f"Basic {base64.b64encode(':'.join(proxy.auth).encode()).decode()}")]


async def _tunnel(line: Line, origin: Origin, proxy: ProxyServer, exchange: Exchange) -> Line:
    """Asks a proxy to connect its line through to `origin` (RFC 9110 9.3.6). Raises ProxyRefused or ConnectFailed."""
    there = f"[{origin.host}]:{origin.port}" if ":" in origin.host else f"{origin.host}:{origin.port}"
    headers = [("Host", there), ("Accept", "*/*"), *authorization(proxy)]
    try:
        head = await Connection(line).ask("CONNECT", there, headers, None, exchange.opening)
    except TimeoutError:
        raise
    except (OSError, h11.RemoteProtocolError) as error:
        raise ConnectFailed from error
    if not 200 <= head.status_code < 300:
        raise ProxyRefused(f"{head.status_code} {head.reason.decode('latin-1')}".strip())
    return line
