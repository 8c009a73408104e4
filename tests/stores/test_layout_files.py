"""Files that are written whole or not at all, and locks."""

import errno
import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from regtool.errors import ContentError, StorageError
from regtool.stores.archive_stage import Stage
from regtool.stores.layout_files import disk, locked, new_part, open_regular, remove_dead_parts, write_whole


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    with target.open("rb") as reader:
        write_whole(target, b"new and longer")

        assert reader.read() == b"old"
    assert target.read_bytes() == b"new and longer"
    assert list(tmp_path.iterdir()) == [target]
    assert target.stat().st_mode & 0o777 == 0o644


def test_a_part_that_is_not_placed_is_gone(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), new_part(tmp_path) as part:
        part.file.write(b"half")
        raise RuntimeError

    assert not list(tmp_path.iterdir())


def test_parts_of_dead_writers_go_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    with new_part(tmp_path) as dead, new_part(tmp_path) as alive:
        yesterday = time.time() - 25 * 3600
        os.utime(dead.path, (yesterday, yesterday))

        remove_dead_parts(tmp_path)

        assert [path.name for path in tmp_path.iterdir()] == [alive.path.name]


def test_only_regular_files_are_content(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")

    with open_regular(tmp_path / "file") as file:
        assert file.read() == b"x"
    with pytest.raises(ContentError, match=r"link: is a symbolic link"):
        open_regular(tmp_path / "link")
    for name in ("pipe", "."):
        with pytest.raises((ContentError, OSError)):
            open_regular(tmp_path / name)


def test_what_the_disk_says_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"^{tmp_path}/missing: no such file or directory$"), disk(tmp_path):
        (tmp_path / "missing").read_bytes()


def test_a_lock_has_one_holder_even_if_its_file_is_removed(tmp_path: Path) -> None:
    inside, seen = 0, []

    def work() -> None:
        nonlocal inside
        for _ in range(50):
            with locked(tmp_path / "lock"):
                inside += 1
                seen.append(inside)
                inside -= 1
                (tmp_path / "lock").unlink()  # who waits for this file must not take it for the lock

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert seen == [1] * 200


def test_a_disk_without_locks_is_an_error_and_no_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StorageError, match="no locks available"):
        Stage(tmp_path / "images.tar")

    assert not list(tmp_path.iterdir())
