"""A directory of digests, as Docker's own recipe for GitHub collects it.

Each runner makes an empty file, `touch "digests/${digest#sha256:}"`, and the directories of all are put together. The
names of the files are what counts.
"""

from collections.abc import Sequence
from pathlib import Path

from regtool.errors import StorageError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Place, Reference

_LOOKS = "a file of it is named by the 64 hex digits behind sha256:"


def digest_sources(directories: Sequence[str], home: Place) -> list[Reference]:
    """The images in `home` that these directories name, sorted by digest. Raises UsageError, StorageError."""
    return [home.at(digest) for directory in directories for digest in read_digests(directory)]


def read_digests(directory: str) -> list[Digest]:
    """The digests of one directory. Artifacts that were downloaded apart may lie one level deeper."""
    what = f"--digests {directory}"
    try:
        names = [path.name for path in _files(Path(directory))]
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(what, "no such directory") from None
    except OSError as error:
        raise StorageError(what, error.strerror or type(error).__name__) from None
    if not names:
        raise UsageError(what, "is empty", _LOOKS)
    return sorted({_digest(name, what) for name in names})


def _files(directory: Path) -> list[Path]:
    found: list[Path] = []
    for path in directory.iterdir():
        if path.name.startswith("."):
            continue
        found += [inner for inner in path.iterdir() if not inner.name.startswith(".")] if path.is_dir() else [path]
    return found


def _digest(name: str, what: str) -> Digest:
    algorithm, colon, encoded = name.partition(":")
    try:
        return Digest(algorithm, encoded) if colon else Digest("sha256", name)
    except UsageError:
        raise UsageError(what, f"{name!r} is no digest", _LOOKS) from None
