"""Taking blobs over from a neighbouring layout."""

import errno
from pathlib import Path

import pytest

from regtool.model.digest import Digest
from regtool.stores.layout_directory import LayoutDirectory

BLOB = Digest.of(b"blob")


@pytest.fixture
def origin(tmp_path: Path) -> LayoutDirectory:
    layout = LayoutDirectory(tmp_path / "origin")
    layout.add_bytes(BLOB, b"blob")
    return layout


@pytest.fixture
def target(tmp_path: Path) -> LayoutDirectory:
    return LayoutDirectory(tmp_path / "target")


def content(layout: LayoutDirectory) -> bytes:
    with layout.open_blob(BLOB) as file:
        return file.read()


def test_a_blob_is_taken_over_without_a_copy(origin: LayoutDirectory, target: LayoutDirectory) -> None:
    assert target.take_blob(BLOB, origin)

    assert target.blob_path(BLOB).samefile(origin.blob_path(BLOB))


def test_where_files_cannot_be_linked_it_is_copied(
    origin: LayoutDirectory, target: LayoutDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_disk(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", other_disk)

    assert target.take_blob(BLOB, origin)
    assert content(target) == b"blob"
    assert not target.blob_path(BLOB).samefile(origin.blob_path(BLOB))


def test_what_is_here_already_is_not_taken(origin: LayoutDirectory, target: LayoutDirectory) -> None:
    target.add_bytes(BLOB, b"blob")

    assert target.take_blob(BLOB, origin)
    assert not target.blob_path(BLOB).samefile(origin.blob_path(BLOB))


def test_what_is_nowhere_cannot_be_taken(origin: LayoutDirectory, target: LayoutDirectory) -> None:
    assert not target.take_blob(Digest.of(b"another"), origin)
    assert not target.exists
