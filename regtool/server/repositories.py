"""The served directory: one OCI layout for each repository, at its own name.

`team/app` is the layout `team/app`, ready for any tool that reads layouts. As repositories nest, a part of a name that
is also the name of a file or directory of a layout gets an underscore in front; no name of the grammar starts with one.

A directory that is itself a layout has one repository, which is named after it.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from regtool.errors import UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Repository
from regtool.server.problems import name_invalid, name_unknown
from regtool.stores.layout_directory import BLOBS, INDEX, LOCK, MARKER, LayoutDirectory
from regtool.stores.layout_files import disk
from regtool.stores.layout_referrers import Referrers

_RESERVED = frozenset({BLOBS, INDEX, LOCK, MARKER})
_REMEMBERED = 4096


class ServedRepository:
    """One repository: its name and its layout."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.layout = LayoutDirectory(path)
        self.referrers = Referrers(self.layout)


class Repositories:
    """All repositories below one directory."""

    def __init__(self, root: Path, *, strict: bool) -> None:
        self.root = root
        self.strict = strict  # whether a manifest may only name what is here
        self._known: dict[str, ServedRepository] = {}

    def at(self, name: str) -> ServedRepository:
        """The repository of this name, whether there is one yet or not. Raises Problem for a bad name."""
        if name in self._known:
            return self._known[name]
        try:
            Repository("localhost", name)
        except UsageError as error:
            raise name_invalid(name, error.hint or error.why) from None
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[name] = ServedRepository(name, self._path(name))
        return self._known[name]

    def names(self) -> list[str]:
        """The names of all repositories that are there, in order."""
        return sorted(self._walk(self.root, ""))

    def holding(self, digest: Digest) -> ServedRepository | None:
        """Some repository that has this blob."""
        return next(
            (found for name in self.names() if (found := self.at(name)).layout.size_of(digest) is not None), None
        )

    def _path(self, name: str) -> Path:
        """Where a repository lies."""
        return self.root.joinpath(*map(_folder, name.split("/")))

    def _walk(self, folder: Path, prefix: str) -> Iterator[str]:
        with os.scandir(folder) as entries:
            below = [entry for entry in entries if entry.name not in _RESERVED and entry.is_dir()]
        for entry in below:
            name = prefix + _part(entry.name)
            if _is_name(name):
                if (folder / entry.name / MARKER).is_file():
                    yield name
                yield from self._walk(folder / entry.name, f"{name}/")


class OneLayout(Repositories):
    """A layout that some tool wrote, as the only repository."""

    def __init__(self, layout: Path) -> None:
        super().__init__(layout, strict=True)
        self.name = name_of(layout)

    def names(self) -> list[str]:
        """The one name."""
        return [self.name]

    def _path(self, name: str) -> Path:
        if name != self.name:
            raise name_unknown(name)
        return self.root


def is_layout(folder: Path) -> bool:
    """Whether a directory is itself a layout."""
    with disk(folder):
        return (folder / MARKER).exists()


def name_of(layout: Path) -> str:
    """The name under which a layout is served: that of its folder, as far as a repository can be called so."""
    name = layout.absolute().name.lower()
    return name if _is_name(name) else re.sub("[^a-z0-9]+", "-", name).strip("-") or "layout"


def _folder(part: str) -> str:
    return f"_{part}" if part in _RESERVED else part


def _part(folder: str) -> str:
    return folder[1:] if folder[1:] in _RESERVED else folder


def _is_name(name: str) -> bool:
    try:
        Repository("localhost", name)
    except UsageError:
        return False
    return True
