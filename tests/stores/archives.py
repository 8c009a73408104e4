"""Archives that the tests of a module open; `closing` closes them when a test has ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from regtool.model.reference import Archive, ArchiveForm
from regtool.stores.archive import ArchiveStore

_open: list[ArchiveStore] = []


def archive(path: Path, form: ArchiveForm = ArchiveForm.OCI) -> ArchiveStore:
    """The archive at `path`."""
    _open.append(ArchiveStore(Archive(path, form)))
    return _open[-1]


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    """Closes what a test has opened. A module takes this by importing it."""
    yield
    while _open:
        _open.pop().close()
