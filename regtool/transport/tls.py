"""Which certificates are trusted, and which one is shown: one decision for each registry, TLS 1.2 at least.

Trusted are the operating system's CAs (or `SSL_CERT_FILE` or `SSL_CERT_DIR` in their place), the ones of `--ca-file`,
and those in the registry's `certs.d` directory. There is no falling back to plain http.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regtool.errors import UsageError
from regtool.transport.certificates import Certificates, certificates_in, directory_for
from regtool.transport.settings import Settings
from regtool.transport.system_store import trusting, trusting_system
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Trust:
    """What a TLS connection is opened with. `system` replaces the operating system's CAs where it is set."""

    verify: bool = True
    authorities: tuple[Path, ...] = ()
    client: tuple[Path, Path | None] | None = None
    system: Path | None = None


def trust_for(name: str, settings: Settings) -> Trust:
    """What counts for the registry of this name. The host's own section goes before what is set for all.

    Raises UsageError for one half of a pair.
    """
    own = settings.host(name)
    directory = directory_for(name, settings)
    found = certificates_in(directory) if directory else Certificates()
    given = tuple(path for path in (own.ca_file, settings.ca_file) if path)
    return Trust(
        verify=not settings.skips_verification(name),
        authorities=(*given, *found.authorities),
        client=_pair(own.client_cert, own.client_key)
        or _pair(settings.client_cert, settings.client_key)
        or found.client,
        system=_system(settings),
    )


def trust_in_proxy(name: str, settings: Settings) -> Trust:
    """What counts for a proxy that speaks TLS itself. It is no registry, and sees no certificate of ours."""
    authorities = (settings.ca_file,) if settings.ca_file else ()
    return Trust(not settings.skips_verification(name), authorities, system=_system(settings))


def context_for(trust: Trust) -> ssl.SSLContext:
    """The context of the standard library for it. Raises UsageError, naming the file that is no good."""
    context = _verifying(trust) if trust.verify else _trusting_all()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path in trust.authorities if trust.verify else ():
        _load(context, path)
    if trust.client:
        _show(context, *trust.client)
    return context


def _verifying(trust: Trust) -> ssl.SSLContext:
    if trust.system is None:
        return trusting_system()
    with _readable(trust.system):
        return trusting(trust.system)


def _trusting_all() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _load(context: ssl.SSLContext, path: Path) -> None:
    with _readable(path):
        context.load_verify_locations(cafile=path)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError:
        raise UsageError(str(path), "holds no certificate", "a CA file is one or more certificates in PEM") from None
    except OSError as failure:
        raise UsageError(str(path), f"cannot be read: {failure.strerror}") from None


def _show(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError:
        raise UsageError(
            str(certificate), f"is no pair with {key or 'the key in it'}", "both are PEM, the key not encrypted"
        ) from None
    except OSError as failure:
        raise UsageError(f"{certificate} or {key or 'its key'}", f"cannot be read: {failure.strerror}") from None


def _no_password() -> str:
    return ""  # or OpenSSL asks on the terminal


def _system(settings: Settings) -> Path | None:
    named = settings.environ.get("SSL_CERT_FILE") or settings.environ.get("SSL_CERT_DIR")
    return Path(named) if named else None


def _pair(certificate: Path | None, key: Path | None) -> tuple[Path, Path | None] | None:
    if key and not certificate:
        raise UsageError(str(key), "is a key without its certificate", "name both: --cert FILE --key FILE")
    return (certificate, key) if certificate else None
