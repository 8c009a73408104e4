"""Which requests go through a proxy: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, as curl reads them.

Loopback is always reached directly. NO_PROXY takes `*`, host names (which cover their subdomains), `host:port`,
addresses, and networks such as `10.0.0.0/8`.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import field
from typing import Self
from urllib.parse import unquote, urlsplit

from regtool.errors import UsageError
from regtool.transport.loopback import is_loopback
from regtool.transport.origin import Origin
from regtool.transport.redact import redact
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class ProxyServer:
    """A proxy, with the credentials of its URL."""

    origin: Origin
    auth: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Reads `[scheme://][user:password@]host[:port]`. Raises UsageError, without the password."""
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
        except ValueError:
            raise UsageError(redact(url), "is not the URL of a proxy", "write it as http://host:port") from None
        if parts.scheme not in ("http", "https"):
            raise UsageError(redact(url), "is not a proxy that can be used", "give an http:// or https:// proxy")
        credentials, _, authority = parts.netloc.rpartition("@")
        user, _, password = credentials.partition(":")
        try:
            origin = Origin.parse(parts.scheme, authority)
        except UsageError:
            raise UsageError(redact(url), "is not the URL of a proxy", "write it as http://host:port") from None
        return cls(origin, (unquote(user), unquote(password)) if credentials else None)


@dataclass(frozen=True, slots=True)
class ProxyRules:
    """The proxies of one environment, and what goes around them."""

    urls: Mapping[str, str] = field(default_factory=dict, repr=False)  # as they were given, maybe with a password
    direct: tuple[str, ...] = ()

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Reads the variables, lower case before upper case."""
        urls = {
            scheme: _variable(environ, f"{scheme}_proxy") or _variable(environ, "all_proxy")
            for scheme in ("http", "https")
        }
        entries = (entry.strip().lower() for entry in _variable(environ, "no_proxy").split(","))
        return cls(urls, tuple(entry for entry in entries if entry))

    def proxy_for(self, origin: Origin) -> ProxyServer | None:
        """The proxy for connections to `origin`, None for a direct one.

        Raises UsageError for one that cannot be used: what is reached directly does not need it.
        """
        url = self.urls.get(origin.scheme)
        if not url or is_loopback(origin.host) or any(_covers(entry, origin) for entry in self.direct):
            return None
        return ProxyServer.parse(url)


def _variable(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _covers(entry: str, origin: Origin) -> bool:
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(origin.host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        pass  # one of the two is a name
    host, _, port = entry.rpartition(":") if entry.count(":") == 1 or "]:" in entry else (entry, "", "")
    name = host.strip("[]").removeprefix("*").lstrip(".").rstrip(".")
    same = bool(name) and (origin.host == name or origin.host.endswith(f".{name}"))
    return same and port in ("", str(origin.port))
