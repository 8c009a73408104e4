"""Writing the files of a pipeline."""

import os
from pathlib import Path

from regtool.errors import StorageError, UsageError


def require_writable(path: Path, flag: str) -> None:
    """Raises UsageError, before anything is published, if a file cannot be written there afterwards."""
    if path.is_dir():
        raise UsageError(f"{flag} {path}", "is a directory", "name a file")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{flag} {path}", "its directory does not exist", f"make it: mkdir -p {path.parent}")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise UsageError(f"{flag} {path}", "may not be written")


def replace_file(path: Path, text: str, flag: str) -> None:
    """Writes a file whole or not at all; a device, a pipe or what a link names is written into. Raises StorageError."""
    import tempfile

    part = ""
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            path.write_text(text, encoding="utf-8")
            return
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.absolute().parent, delete=False) as file:
            part = file.name
            file.write(text)
        Path(part).chmod(0o644)
        Path(part).replace(path)
    except OSError as error:
        if part:
            Path(part).unlink(missing_ok=True)
        raise _refused(path, flag, error) from None


def append_file(path: Path, text: str, flag: str) -> None:
    """Adds to the end of a file. Raises StorageError."""
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise _refused(path, flag, error) from None


def _refused(path: Path, flag: str, error: OSError) -> StorageError:
    return StorageError(
        f"{flag} {path}",
        f"{error.strerror or type(error).__name__}, but the tags are published",
        "run again for the file",
    )
