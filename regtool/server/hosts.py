"""Who may speak to a registry on loopback: programs, but no web page that the same machine shows.

A page can make a browser send requests to 127.0.0.1, under its own origin or, by DNS rebinding, under a name that
suddenly resolves to it. No registry client sends an `Origin`, and none but a configured name is a host here.
"""

import ipaddress
from collections.abc import Collection

from regtool.server.message import Request
from regtool.server.problems import Problem


def check_host(request: Request, names: Collection[str]) -> None:
    """Raises Problem unless the request is addressed to an IP address, to localhost, or to one of `names`."""
    if "origin" in request.headers:
        raise Problem.of(403, "DENIED", "web pages have no access to this registry")
    host = _without_port(request.headers.get("host", ""))
    if not (host == "localhost" or host in names or _is_address(host)):
        raise Problem.of(421, "DENIED", f"this registry is not {host!r}; it answers to an address or localhost")


def _without_port(host: str) -> str:
    head, colon, port = host.rpartition(":")
    bare = head if colon and port.isdecimal() else host
    return bare.strip("[]").lower()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
