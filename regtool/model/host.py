"""Names of registries: people write the same one in several ways."""

from regtool.errors import UsageError
from regtool.model.grammar import is_host, looks_like_host

DOCKER_HUB = "docker.io"
HUB_NAMES = frozenset({DOCKER_HUB, "index.docker.io", "registry-1.docker.io"})

_SCHEMES = ("https://", "http://")
_API = frozenset({"", "v1", "v2"})


def usual_host(host: str) -> str:
    """The one way in which a host is written here: in lower case, and Docker Hub by one name.

    A host that only its capitals tell from the first part of a path keeps them.
    """
    lower = host.lower()
    if lower in HUB_NAMES:
        return DOCKER_HUB
    return lower if looks_like_host(lower) else host


def host_named(text: str) -> str:
    """The registry that somebody means by this, as `docker login` takes it: also with `https://` and a `/v1/` behind.

    Raises UsageError for what is no host.
    """
    bare = next((text.removeprefix(scheme) for scheme in _SCHEMES if text.startswith(scheme)), text)
    host, _, path = bare.partition("/")
    if not is_host(host) or path.strip("/") not in _API:
        shown = f"…@{text.rpartition('@')[2]}" if "@" in text else text  # before it may be a password
        raise UsageError(shown or "an empty name", "not a registry host", "write it as host or host:port")
    return usual_host(host)
