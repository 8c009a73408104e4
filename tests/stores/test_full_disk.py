"""A disk without room for one byte more: every file that is begun is /dev/full, which says so as a disk does."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regtool.errors import StorageError
from regtool.model.reference import Tag
from regtool.stores.layout import LayoutStore
from regtool.transport.credential import Password
from regtool.transport.credential_file import write_entry
from tests.stores.samples import put_image

ONE, TWO = Tag("1.0"), Tag("2.0")


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Fills the disk."""
    begin = tempfile.mkstemp

    def begin_in_vain(**more: Any) -> tuple[int, str]:
        number, name = begin(**more)
        full = os.open("/dev/full", os.O_RDWR)
        os.dup2(full, number)
        os.close(full)
        return number, name

    return lambda: monkeypatch.setattr(tempfile, "mkstemp", begin_in_vain)


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file below, but for those that are locks."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("size", [10, 1024 * 1024])
async def test_a_layout_stays_as_it_is(tmp_path: Path, fill: Callable[[], None], size: int) -> None:
    store = LayoutStore(tmp_path)
    await store.tag(await put_image(store, b"one"), ONE)
    before = content_of(tmp_path)
    fill()

    with pytest.raises(StorageError, match="no space left on device; free some space"):
        await store.tag(await put_image(store, bytes(size)), TWO)
    assert content_of(tmp_path) == before


def test_credentials_that_are_there_stay_as_they_are(tmp_path: Path, fill: Callable[[], None]) -> None:
    path = tmp_path / "config.json"
    write_entry(path, "r.io", Password("a", "b"))
    before = content_of(tmp_path)
    fill()

    with pytest.raises(StorageError, match="config.json: cannot be written: No space left on device"):
        write_entry(path, "other.io", Password("c", "d"))
    assert content_of(tmp_path) == before
