"""Which server a registry is: the name that its users write, turned into scheme, host and port."""

from regtool.errors import UsageError
from regtool.model.host import HUB_NAMES
from regtool.transport.certificates import directory_for
from regtool.transport.loopback import is_loopback
from regtool.transport.origin import Origin
from regtool.transport.settings import HostSettings, Settings

# Docker Hub's images are named docker.io/…, and its registry answers under another name.
_HUB_API = "registry-1.docker.io"


def origin_of(host: str, settings: Settings) -> Origin:
    """The server behind the registry `host`. Raises UsageError for what is no host, and for certificates in vain.

    Plain http is for loopback and for what the user named; loopback with TLS settings of its own speaks https.
    """
    authority = _HUB_API if host in HUB_NAMES else host
    secure = Origin.parse("https", authority)
    if not _speaks_http(secure, host, settings):
        return secure
    if settings.plain_http and settings.host(host).plain_http is None and _certificates_of(settings):
        why = "is to be spoken to in plain http, where certificates mean nothing"
        raise UsageError(host, why, "leave out --plain-http, or else --ca-file, --cert and --key")
    return Origin.parse("http", authority)


def _speaks_http(origin: Origin, host: str, settings: Settings) -> bool:
    own = settings.host(host).plain_http
    if own is not None:
        return own
    if settings.plain_http:
        return True
    return is_loopback(origin.host) and not _has_tls(host, settings)


def _has_tls(host: str, settings: Settings) -> bool:
    given = _certificates_of(settings) or _certificates_of(settings.host(host))
    return given or settings.skips_verification(host) or directory_for(host, settings) is not None


def _certificates_of(settings: Settings | HostSettings) -> bool:
    return any((settings.ca_file, settings.client_cert, settings.client_key))
