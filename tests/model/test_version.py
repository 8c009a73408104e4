"""Versions in tags, their order, and ranges of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtool.errors import UsageError
from regtool.model.version import Version, VersionRange

# The order of SemVer's own example, and what tags add to it.
ORDERED = """1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0
1.0.1 v1.2 1.10 2 11""".split()

versions = st.builds(
    Version,
    st.lists(st.integers(0, 99), min_size=1, max_size=3).map(tuple),
    st.lists(st.from_regex(r"[0-9a-z]{1,3}", fullmatch=True), max_size=2).map(tuple),
)


def test_versions_have_the_order_of_semver() -> None:
    assert sorted(map(Version.parse, reversed(ORDERED))) == [Version.parse(text) for text in ORDERED]


def test_what_is_not_given_is_zero() -> None:
    assert Version.parse("v1.2") == Version.parse("1.2.0")
    assert hash(Version.parse("v1.2")) == hash(Version.parse("1.2.0"))


@pytest.mark.parametrize("text", ["latest", "", "1.", "1..2", "stable-1", "1.2.3.4.5", "x1"])
def test_what_is_no_version_is_refused(text: str) -> None:
    assert Version.find(text) is None
    with pytest.raises(UsageError):
        Version.parse(text)


@given(versions)
def test_a_version_prints_itself_back(version: Version) -> None:
    assert Version.parse(str(version)) == version


@given(versions, versions, versions)
def test_the_order_is_total(one: Version, two: Version, three: Version) -> None:
    assert (one < two) + (one == two) + (one > two) == 1
    assert not (one < two < three) or one < three


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=1.2", "1.2 1.2.0 1.10 2", "1.1.9 1.3.0-rc.1"),
        (">=1.2 <2", "1.2 1.99", "2 2.0.1 1.1"),
        (">=1.2,<2", "1.2 1.99", "2 2.0.1 1.1"),
        (">= 1.2 , < 2", "1.2 1.99", "2"),
        ("^1.4", "1.4 1.9", "1.3 2.0"),
        ("^0.2.3", "0.2.3 0.2.9", "0.3 0.2.2"),
        ("~1.4.2", "1.4.2 1.4.9", "1.5 1.4.1"),
        ("~1", "1 1.9", "2"),
        ("1.4", "1.4 1.4.7 v1.4", "1.5 1.3"),
        ("=1.4", "1.4 1.4.0", "1.4.1"),
        ("!=1.4", "1.5", "1.4.0"),
        ("<1 || >=3", "0.9 3", "1 2.9"),
        (">=1.0-rc.1", "1.0-rc.2 1.0", "1.0-beta"),
    ],
)
def test_a_range_holds_what_it_means(text: str, inside: str, outside: str) -> None:
    meant = VersionRange.parse(text)

    assert [word for word in inside.split() if Version.parse(word) not in meant] == []
    assert [word for word in outside.split() if Version.parse(word) in meant] == []


@pytest.mark.parametrize("text", ["", ">=", "newest", ">=1 || ", "=>1"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a range of versions"):
        VersionRange.parse(text)
