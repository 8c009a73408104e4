"""One pool of connections for each way of connecting: which certificates are trusted, and through which proxy."""

import ssl

import httpcore

from regtool.transport.network import Network
from regtool.transport.origin import Origin
from regtool.transport.proxy import ProxyRules, ProxyServer
from regtool.transport.settings import Settings
from regtool.transport.tls import Trust, context_for, trust_for
from regtool.values import dataclass

KEEP_ALIVE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class _Route:
    trust: Trust | None
    proxy: ProxyServer | None


class Pools:
    """Makes pools as they are needed and keeps them."""

    def __init__(self, settings: Settings, proxies: ProxyRules, network: Network) -> None:
        self._settings = settings
        self._proxies = proxies
        self._network = network
        self._pools: dict[_Route, httpcore.AsyncConnectionPool] = {}
        self._trusts: dict[str, Trust] = {}
        self._contexts: dict[Trust, ssl.SSLContext] = {}

    def pool(self, origin: Origin, name: str) -> httpcore.AsyncConnectionPool:
        """The pool for connections to `origin`, with what is set for the registry `name`."""
        trust = self._trust(name) if origin.scheme == "https" else None
        route = _Route(trust, self.proxy(origin))
        if route not in self._pools:
            self._pools[route] = self._open(route)
        return self._pools[route]

    def proxy(self, origin: Origin) -> ProxyServer | None:
        """The proxy that connections to `origin` go through, if they do."""
        return self._proxies.proxy_for(origin)

    def _trust(self, name: str) -> Trust:
        if name not in self._trusts:  # it looks at directories
            self._trusts[name] = trust_for(name, self._settings)
        return self._trusts[name]

    def _open(self, route: _Route) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._context(route.trust) if route.trust else None,
            proxy=self._described(route.proxy) if route.proxy else None,
            max_connections=None,  # `gate` counts them
            keepalive_expiry=KEEP_ALIVE,
            network_backend=self._network,
        )

    def _described(self, proxy: ProxyServer) -> httpcore.Proxy:
        context = self._context(Trust()) if proxy.origin.scheme == "https" else None
        return httpcore.Proxy(str(proxy.origin), auth=proxy.auth, ssl_context=context)

    def _context(self, trust: Trust) -> ssl.SSLContext:
        if trust not in self._contexts:
            self._contexts[trust] = context_for(trust)
        return self._contexts[trust]

    async def aclose(self) -> None:
        """Closes all connections."""
        for pool in self._pools.values():
            await pool.aclose()
