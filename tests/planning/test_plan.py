import pytest

from regtool.documents.manifest import Manifest
from regtool.model import media_type as types
from regtool.model.reference import Repository, Tag
from regtool.planning.plan import Plan, TagMove
from tests.documents.samples import as_bytes, index
from tests.planning.members import digest

TARGET = Repository.parse("localhost:5000/app")
ROOT = Manifest.written(types.OCI_INDEX, as_bytes(index()), "here")

NEW = TagMove(Tag("1.0"), ROOT.digest, None)
MOVED = TagMove(Tag("latest"), ROOT.digest, digest("before"))
THERE = TagMove(Tag("1"), ROOT.digest, ROOT.digest)


def plan(*tags: TagMove) -> Plan:
    return Plan(TARGET, (), (), ROOT, tags)


def test_a_tag_changes_unless_it_points_there_already() -> None:
    assert NEW.changes
    assert MOVED.changes
    assert not THERE.changes


def test_only_tags_that_change_move() -> None:
    assert plan(NEW, THERE, MOVED).moves == (NEW, MOVED)


@pytest.mark.parametrize(("tags", "nothing"), [((), False), ((NEW,), False), ((THERE,), True), ((THERE, MOVED), False)])
def test_nothing_is_written_when_every_tag_is_in_place(tags: tuple[TagMove, ...], nothing: bool) -> None:
    assert plan(*tags).writes_nothing is nothing


def test_the_result_is_named_by_digest() -> None:
    assert str(plan(NEW).result) == f"localhost:5000/app@{ROOT.digest}"
