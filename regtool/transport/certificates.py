"""The `certs.d` directories of docker and podman: CAs and client certificates for single registries.

`<certs.d>/<host[:port]>/*.crt` are CAs that are trusted besides the system's, `X.cert` with `X.key` is a client
certificate. The first directory that exists for the exact name counts, they are not merged (containers-certs.d(5)).
"""

from pathlib import Path

from regtool.errors import UsageError
from regtool.transport.settings import Settings
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Certificates:
    """What one directory holds."""

    authorities: tuple[Path, ...] = ()
    client: tuple[Path, Path] | None = None


def directory_for(name: str, settings: Settings) -> Path | None:
    """The directory that counts for the registry of this name, if there is one."""
    return next((path for path in (root / name for root in _roots(settings)) if path.is_dir()), None)


def certificates_in(directory: Path) -> Certificates:
    """Reads a directory. Raises UsageError for a client certificate without its key, or a key without certificate."""
    names = sorted(directory.iterdir())
    certificates = {path.stem: path for path in names if path.suffix == ".cert"}
    keys = {path.stem: path for path in names if path.suffix == ".key"}
    for stem in sorted(certificates.keys() ^ keys.keys()):
        lonely = certificates.get(stem) or keys[stem]
        partner = ".key" if stem in certificates else ".cert"
        raise UsageError(str(lonely), f"has no {stem}{partner} beside it", "a client certificate is a pair of files")
    pair = next(((certificates[stem], keys[stem]) for stem in sorted(certificates)), None)
    return Certificates(tuple(path for path in names if path.suffix == ".crt"), pair)


def _roots(settings: Settings) -> tuple[Path, ...]:
    config = Path(settings.environ.get("XDG_CONFIG_HOME") or settings.home / ".config")
    return (
        config / "containers" / "certs.d",
        Path("/etc/containers/certs.d"),
        config / "docker" / "certs.d",
        Path("/etc/docker/certs.d"),
    )
