"""Where a connection goes: scheme, host and port (RFC 6454), and the URLs built on it."""

import re
from typing import Self
from urllib.parse import urljoin, urlsplit

from regtool.errors import UsageError
from regtool.values import dataclass

DEFAULT_PORTS = {"http": 80, "https": 443}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_UNFIT = re.compile(r"[\x00-\x20\x7f\\#]")  # also fragments, which are never sent
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A server as browsers tell servers apart: what differs in any of the three is somebody else."""

    scheme: str
    host: str  # lower case; IPv6 without brackets
    port: int

    @classmethod
    def parse(cls, scheme: str, authority: str) -> Self:
        """Reads `host[:port]`. Raises UsageError."""
        match = _AUTHORITY.fullmatch(authority)
        port = int(match["port"]) if match and match["port"] else DEFAULT_PORTS.get(scheme, 0)
        if not match or not 0 < port < 65536:
            raise UsageError(authority, "not a host", "write it as host or host:port")
        return cls(scheme, match["host"].strip("[]").lower().rstrip("."), port)

    @property
    def authority(self) -> str:
        """`host[:port]` as in a URL and in the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS.get(self.scheme) else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class Place:
    """One resource on a server: `target` is path and query, sent byte for byte."""

    origin: Origin
    target: str

    def join(self, reference: str) -> str:
        """The absolute URL that a `Location`, `Link` or realm means when this place answers with it."""
        # No parser where none is needed: the query may be signed.
        if _ABSOLUTE.match(reference):
            return reference
        if reference.startswith("//"):
            return f"{self.origin.scheme}:{reference}"
        if reference.startswith("/"):
            return f"{self.origin}{reference}"
        return joined(str(self), reference)

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"


def joined(base: str, reference: str) -> str:
    """The URL that `reference` means at `base`; what makes no sense stays as it is, for `split_url` to refuse."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def split_url(url: str) -> Place | None:
    """An absolute http or https URL as a place, None for anything else, also with a user name or fragment."""
    if not url.isascii() or _UNFIT.search(url):
        return None
    try:
        parts = urlsplit(url)
        origin = Origin.parse(parts.scheme, parts.netloc)
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS:
        return None
    target = url[url.index(parts.netloc) + len(parts.netloc) :]
    return Place(origin, target if target.startswith("/") else f"/{target}")
