"""Reading files that a user names, and YAML in them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from regtool.errors import StorageError, UsageError
from regtool.model.reference import Reference


def read_text(name: str) -> str:
    """The text of a file, of standard input for `-`. Raises StorageError, UsageError."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except OSError as reason:
        raise StorageError(name, f"cannot be read: {reason.strerror or reason}") from None
    except UnicodeDecodeError:
        raise UsageError(name, "is not UTF-8 text") from None


def reference_in(text: str, where: str) -> Reference:
    """The image that a file names. Raises UsageError that says `where`."""
    with located(where):
        return Reference.parse(text)


@contextmanager
def located(where: str) -> Iterator[None]:
    """Adds `where` to what is wrong inside."""
    try:
        yield
    except UsageError as wrong:
        raise UsageError(f"{where}: {wrong.what}", wrong.why, wrong.hint) from None


def yaml_documents(text: str, name: str) -> Iterator[Any]:
    """The documents of a YAML file. Raises UsageError."""
    import yaml  # only for those who have YAML

    try:
        yield from yaml.safe_load_all(text)
    except (yaml.YAMLError, RecursionError) as reason:
        mark = getattr(reason, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        why = getattr(reason, "problem", None) or "it is nested too deeply"
        raise UsageError(
            where, f"is not YAML: {why}", "templates have to be rendered first, as `helm template` does"
        ) from None
