"""Directories of digests, as runners leave them."""

from pathlib import Path

import pytest

from regtool.errors import UsageError
from regtool.model.reference import Repository
from regtool.operations.inputs.digests import digest_sources, read_digests

HOME = Repository("localhost:5000", "app")
A, B, C = "a" * 64, "b" * 64, "c" * 64


def test_every_file_is_a_digest_by_its_name_and_they_come_in_order(tmp_path: Path) -> None:
    for name in (B, A):
        (tmp_path / name).touch()

    assert list(map(str, digest_sources([str(tmp_path)], HOME))) == [
        f"localhost:5000/app@sha256:{A}",
        f"localhost:5000/app@sha256:{B}",
    ]


def test_artifacts_that_were_downloaded_apart_lie_one_level_deeper(tmp_path: Path) -> None:
    for folder, name in (("digests-linux-amd64", A), ("digests-linux-arm64", B)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).touch()

    assert [digest.hex for digest in read_digests(str(tmp_path))] == [A, B]


def test_an_algorithm_may_stand_in_front_and_hidden_files_do_not_count(tmp_path: Path) -> None:
    (tmp_path / f"sha256:{A}").touch()
    (tmp_path / f"sha512:{A}{B}").touch()
    (tmp_path / ".gitkeep").touch()

    assert [digest.algorithm for digest in read_digests(str(tmp_path))] == ["sha256", "sha512"]


@pytest.mark.parametrize("name", ["digest.txt", "A" * 64, "a" * 63, "md5:" + "a" * 32])
def test_any_other_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()

    with pytest.raises(UsageError, match=f"'{name}' is no digest; a file of it is named by the 64 hex digits"):
        read_digests(str(tmp_path))


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is empty"):
        read_digests(str(tmp_path))


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_directory_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="no such directory"):
        read_digests(str(tmp_path / name))
