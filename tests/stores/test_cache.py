"""Content kept on disk between runs: verified, bounded, and never in the way."""

import os
from pathlib import Path

import pytest

from regtool.model.digest import Digest
from regtool.stores.cache import ContentCache, cache_folder

CONTENT = b"content"
DIGEST = Digest.of(CONTENT)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_what_is_kept_is_read_again_by_the_next_run(tmp_path: Path) -> None:
    with ContentCache(tmp_path) as cache:
        assert cache.read(DIGEST) is None
        cache.keep(DIGEST, CONTENT)

    with ContentCache(tmp_path) as cache:
        assert cache.read(DIGEST) == CONTENT


def test_damaged_content_is_not_handed_out_and_goes(tmp_path: Path) -> None:
    cache = ContentCache(tmp_path)
    cache.keep(DIGEST, CONTENT)
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    file.write_bytes(b"CONTENT")

    assert cache.read(DIGEST) is None
    assert not file.exists()


def test_it_stays_within_its_limit_and_forgets_what_was_not_used_for_longest(tmp_path: Path) -> None:
    contents = [bytes([number]) * 100 for number in range(100)]
    with ContentCache(tmp_path, limit=2000) as cache:
        for age, content in enumerate(contents):
            cache.keep(Digest.of(content), content)
            for file in tmp_path.rglob(Digest.of(content).hex):
                os.utime(file, (age, age))
            assert cache.read(Digest.of(contents[0])) is not None  # used all the time

    assert size_of(tmp_path) <= 2000
    assert cache.read(Digest.of(contents[1])) is None
    assert cache.read(Digest.of(contents[-1])) == contents[-1]


def test_a_private_cache_leaves_nothing_behind() -> None:
    with ContentCache(None) as cache:
        cache.keep(DIGEST, CONTENT)
        folder = cache._folder
        assert cache.read(DIGEST) == CONTENT

    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")

    with ContentCache(blocked / "cache") as cache:
        cache.keep(DIGEST, CONTENT)
        assert cache.read(DIGEST) is None


def test_only_this_user_may_look_in(tmp_path: Path) -> None:
    ContentCache(tmp_path / "cache").keep(DIGEST, CONTENT)

    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("named", "expected"), [("/x", "/x"), ("", None), ("relative", None)])
def test_it_lies_where_xdg_says(
    named: str, expected: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    assert cache_folder({"XDG_CACHE_HOME": named}) == Path(expected or tmp_path / ".cache") / "regtool" / "content"
