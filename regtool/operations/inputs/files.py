"""Reading what the user names: a file, or `-` for standard input."""

import sys
from pathlib import Path

from regtool.errors import StorageError, UsageError

STDIN = "-"
LARGEST = 64 * 1024 * 1024  # bytes; provenance in a metadata file can be large, a list of sources never is


def read_input(name: str, what: str) -> bytes:
    """The bytes of a file or of standard input. Raises UsageError if there is no such file, StorageError for others."""
    try:
        if name == STDIN:
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"{what} {name}", "no such file") from None
    except IsADirectoryError:
        raise UsageError(f"{what} {name}", "is a directory, not a file") from None
    except OSError as error:
        raise StorageError(f"{what} {name}", error.strerror or type(error).__name__) from None
    if len(content) > LARGEST:
        raise UsageError(f"{what} {name}", f"is larger than {LARGEST // 1024 // 1024} MiB")
    return content


def read_text(name: str, what: str) -> str:
    """The same as text. Raises UsageError if it is none."""
    try:
        return read_input(name, what).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{what} {name}", "is not text in UTF-8") from None
