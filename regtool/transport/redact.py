"""URLs for people and logs: signatures, tokens and passwords are left out."""

from urllib.parse import urlsplit, urlunsplit

from regtool.transport.visible import visible

# Query parameters that name things and grant nothing.
_OPEN = frozenset(
    {"scope", "service", "mount", "from", "digest", "n", "last", "artifactType", "ns", "tag", "client_id"}
)
_HIDDEN = "REDACTED"
_LONGEST = 2048


def redact(url: str) -> str:
    """`url` without user name and password, and with only those query values that are no secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(an address that makes no sense)"
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(_parameter(pair) for pair in parts.query.split("&")) if parts.query else ""
    return visible(urlunsplit((parts.scheme, host, parts.path, query, "")), _LONGEST)


def _parameter(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return pair if name in _OPEN else f"{name}{equals}{_HIDDEN}" if equals else _HIDDEN
