"""Which server a registry is: the name that its users write, turned into scheme, host and port."""

from regtool.transport.certificates import directory_for
from regtool.transport.loopback import is_loopback
from regtool.transport.origin import Origin
from regtool.transport.settings import Settings

DOCKER_HUB = "docker.io"
# Docker Hub's images are named docker.io/…, and its registry answers under another name.
_API_HOSTS = {DOCKER_HUB: "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}


def origin_of(host: str, settings: Settings) -> Origin:
    """The server behind the registry `host`. Raises UsageError for what is no host.

    Plain http is for loopback and for what the user named; loopback with TLS settings of its own speaks https.
    """
    authority = _API_HOSTS.get(host, host)
    secure = Origin.parse("https", authority)
    if not _speaks_http(secure, host, settings):
        return secure
    return Origin.parse("http", authority)


def _speaks_http(origin: Origin, host: str, settings: Settings) -> bool:
    own = settings.host(host).plain_http
    if own is not None:
        return own
    if settings.plain_http:
        return True
    return is_loopback(origin.host) and not _has_tls(host, settings)


def _has_tls(host: str, settings: Settings) -> bool:
    given = settings.ca_file or settings.host(host).ca_file or settings.skips_verification(host)
    return bool(given or directory_for(host, settings))
