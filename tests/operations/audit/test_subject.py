"""Which tags of a repository are meant, and which part of a run."""

from collections.abc import AsyncIterator

import pytest

from regtool.errors import UsageError
from regtool.model.reference import Reference, Tag
from regtool.model.version import VersionRange
from regtool.operations.audit.subject import Listing, Shard, Subject, TagFilter, named

TAGS = ["latest", "v1.0", "1.2.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "2.0.0", "nightly-1", f"sha256-{'a' * 64}",
        f"sha256-{'a' * 64}.sig"]  # fmt: skip


async def listed() -> AsyncIterator[Tag]:
    for name in TAGS:
        yield Tag(name)


async def chosen(**words: object) -> list[str]:
    return [tag.name async for tag in TagFilter(**words).choose(listed())]  # type: ignore[arg-type]


async def test_all_tags_but_those_of_signatures_are_meant() -> None:
    assert await chosen() == TAGS[:-2]


async def test_patterns_and_ranges_narrow_it_down() -> None:
    assert await chosen(patterns=("v*", "nightly-*")) == ["v1.0", "nightly-1"]
    assert await chosen(versions=VersionRange.parse(">=1.2 <2")) == ["1.2.0", "1.10.0", "1.9.0"]
    assert await chosen(patterns=("1.*",), versions=VersionRange.parse("<1.10")) == ["1.2.0", "1.9.0"]


async def test_the_latest_are_the_highest_versions() -> None:
    assert await chosen(latest=2) == ["2.0.0", "2.0.0-rc.1"]
    assert await chosen(latest=2, versions=VersionRange.parse("1")) == ["1.10.0", "1.9.0"]
    assert await chosen(latest=99, patterns=("v*",)) == ["v1.0"]
    with pytest.raises(UsageError, match="--latest 0"):
        TagFilter(latest=0)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("localhost:5000/app:1.0", Subject),
        ("app@sha256:" + "a" * 64, Subject),
        ("oci:folder:1.0", Subject),
        ("localhost:5000/app", Listing),
        ("app", Listing),
        ("oci:folder", Listing),
    ],
)
def test_a_tag_or_digest_makes_it_one_name(text: str, kind: type) -> None:
    assert isinstance(named(text, TagFilter()), kind)


def test_every_name_is_in_exactly_one_part() -> None:
    names = [Reference.parse(f"localhost:5000/app:{number}") for number in range(300)]
    parts = [[name for name in names if name in Shard(part, 3)] for part in (1, 2, 3)]

    assert sorted(map(str, names)) == sorted(str(name) for part in parts for name in part)
    assert all(len(part) > 60 for part in parts)


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/", "-1/3"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no part of a whole"):
        Shard.parse(text)
