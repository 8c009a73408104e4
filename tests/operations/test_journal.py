"""The journal: what is written is read again, whatever happens to the file."""

import json
import multiprocessing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regtool.errors import StorageError
from regtool.model.digest import Digest
from regtool.model.reference import Reference, Repository, Tag
from regtool.operations import journal as module
from regtool.operations.events import Event, Note
from regtool.operations.journal import Journal, Record
from regtool.planning.removal import ManifestDrop, Removal, TagDrop

PLACE = Repository("localhost:5000", "app")
OLD, NEW = Digest.of(b"old"), Digest.of(b"new")


def removal(*tags: str) -> Removal:
    return Removal(PLACE, tuple(TagDrop(Tag(tag), OLD) for tag in tags))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "regtool" / "journal.jsonl"


def test_a_journal_that_is_not_there_is_empty(path: Path) -> None:
    assert Journal(path, "regtool").records() == []


def test_a_removal_records_every_tag_that_will_be_gone(path: Path) -> None:
    journal = Journal(path, "regtool rm", undoes="abc")
    journal.removing(Removal(PLACE, (TagDrop(Tag("a"), OLD),), (ManifestDrop(NEW, (Tag("b"), Tag("c"))),)))

    records = journal.records()
    assert [(str(one.reference), one.was, one.now) for one in records] == [
        ("localhost:5000/app:a", OLD, None),
        ("localhost:5000/app:b", NEW, None),
        ("localhost:5000/app:c", NEW, None),
    ]
    assert {(one.command, one.undoes) for one in records} == {("regtool rm", "abc")}
    assert len({one.run for one in records}) == 1


def test_runs_are_told_apart(path: Path) -> None:
    for _ in range(2):
        Journal(path, "regtool rm").removing(removal("a"))

    assert len({one.run for one in Journal(path, "").records()}) == 2


def test_only_its_user_may_look_into_it(path: Path) -> None:
    Journal(path, "regtool rm").removing(removal("a"))

    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "damage", [b'{"at": "2026-01-0', b"\xff\xfe", b"[]", b'{"at": 1}', b"null", b'{"at":"x","run":[],"was":{}}']
)
def test_a_line_that_cannot_be_read_costs_no_other(path: Path, damage: bytes) -> None:
    Journal(path, "regtool rm").removing(removal("a"))
    with path.open("ab") as file:
        file.write(damage)
    Journal(path, "regtool rm").removing(removal("b"))

    assert [str(one.reference.tag) for one in Journal(path, "").records()] == ["a", "b"]


def test_a_full_journal_loses_its_older_half(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 10_000)
    for number in range(200):
        Journal(path, "regtool rm").removing(removal(f"v{number}"))

    kept = [int(str(one.reference.tag)[1:]) for one in Journal(path, "").records()]
    assert path.stat().st_size <= 10_000
    assert kept == list(range(kept[0], 200))
    assert len(kept) > 10


def test_a_journal_that_cannot_be_written_is_said_and_stops_nothing(tmp_path: Path) -> None:
    said: list[Event] = []
    (tmp_path / "file").write_text("")
    Journal(tmp_path / "file" / "journal.jsonl", "regtool rm", said.append).removing(removal("a"))

    (note,) = said
    assert isinstance(note, Note)
    assert "cannot be undone by `regtool undo`" in note.text


def test_a_journal_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        Journal(tmp_path, "regtool").records()


def _write_many(path: Path, name: str) -> None:
    for number in range(50):
        Journal(path, "regtool rm").removing(removal(f"{name}{number}"))


def test_two_processes_lose_nothing_of_each_other(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(path, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    found = {str(one.reference.tag) for one in Journal(path, "").records()}
    assert found == {f"{name}{number}" for name in "ab" for number in range(50)}


def test_a_record_is_one_line_of_json() -> None:
    record = Record(
        at=datetime(2026, 1, 2, 3, 4, 5, 678000, UTC), run="r", command="regtool tag a\nb", was=None, now=NEW,
        reference=Reference(PLACE, Tag("1.0"), None),
    )  # fmt: skip

    assert record.to_line().count(b"\n") == 1
    assert json.loads(record.to_line())["at"] == "2026-01-02T03:04:05.678+00:00"
    assert Record.parse(record.to_line()) == record
