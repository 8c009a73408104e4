"""The CAs that the operating system trusts.

macOS and Windows have services for that, which truststore asks. Elsewhere they are files: best a directory with one
file for each hash, where OpenSSL reads only the one that it needs (1 ms; reading the file with all of them takes 28 ms
of CPU, and truststore does it again for each connection).
"""

import re
import ssl
import sys
from collections.abc import Iterable
from pathlib import Path

_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
_DIRECTORIES = ("/etc/ssl/certs", "/etc/pki/tls/certs", "/system/etc/security/cacerts")
_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine, BSD
)


def trusting_system() -> ssl.SSLContext:
    """A context that trusts what the operating system trusts."""
    if sys.platform in ("darwin", "win32"):
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    defaults = ssl.get_default_verify_paths()
    found = choose((defaults.openssl_capath, *_DIRECTORIES), (defaults.openssl_cafile, *_FILES))
    return trusting(found or _brought_along())


def trusting(store: Path) -> ssl.SSLContext:
    """A context that trusts the CAs in a file, or in a directory with hashed names. Raises OSError, ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if store.is_dir():
        context.load_verify_locations(capath=store)
    else:
        context.load_verify_locations(cafile=store)
    return context


def choose(directories: Iterable[str], files: Iterable[str]) -> Path | None:
    """The first directory with hashed names in it, else the first file that exists, else None."""
    for directory in map(Path, directories):
        if directory.is_dir() and any(_HASHED.fullmatch(path.name) for path in directory.iterdir()):
            return directory
    return next((file for file in map(Path, files) if file.is_file()), None)


def _brought_along() -> Path:
    """The CAs of Mozilla, which come with the HTTP library: for containers that have none of their own."""
    import certifi

    return Path(certifi.where())
