"""What the rules say beyond one broken list each: what they leave alone, and where two of them meet."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.planning.rules.catalogue import RULES, Selection, judge
from regtool.planning.rules.facts import Child, Expectation, Facts
from tests.planning.lists import SIZE, attestation, child, day, facts, row


def codes(known: Facts, *select: str) -> list[str]:
    return [finding.code for finding in judge(known, Selection(select))]


def one(label: str | None, truth: str | None, **fields: Any) -> Facts:
    """A list of one image with this label, which says of itself that it is for `truth`."""
    return facts((row("image", label), child(truth, **fields)))


@pytest.mark.parametrize(
    ("label", "truth"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/arm64", "linux/arm64/v8"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm/v7", "linux/arm"),  # the configuration does not say more
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/loong64", "linux/loong64"),
        ("freebsd/arm64", "freebsd/arm64"),
    ],
)
def test_labels_that_are_right_are_left_alone(label: str, truth: str) -> None:
    assert codes(one(label, truth)) == []


@pytest.mark.parametrize(
    ("label", "truth", "code"),
    [
        ("linux/arm64", "linux/amd64", "RT302"),
        ("linux/arm/v6", "linux/arm/v7", "RT302"),
        ("linux/amd64/v3", "linux/amd64/v2", "RT302"),
        ("linux/aarch64", "linux/arm64", "RT303"),
        ("Linux/amd64", "linux/amd64", "RT303"),
        ("linux/arm64/8", "linux/arm64", "RT304"),
        ("linux/arm/7", "linux/arm/v7", "RT304"),
        (None, "linux/amd64", "RT301"),
        ("linux/arm", "linux/arm/v6", "RT306"),
        ("windows/amd64", "windows/amd64", "RT307"),
    ],
)
def test_labels_that_are_wrong_are_found_once(label: str | None, truth: str, code: str) -> None:
    assert codes(one(label, truth)) == [code]


def test_what_is_no_image_needs_no_platform() -> None:
    assert codes(one(None, None)) == []


def test_what_nobody_looked_at_is_not_found_missing() -> None:
    known = one("linux/amd64", "linux/amd64")
    unseen = replace(known, legs=tuple(replace(leg, child=None, seen=False) for leg in known.legs))

    assert codes(unseen) == []
    assert codes(replace(known, legs=tuple(replace(leg, child=None) for leg in known.legs))) == ["RT201"]


def test_attestations_of_images_are_as_they_should_be() -> None:
    known = facts(
        (row("image", "linux/amd64"), child("linux/amd64")),
        (attestation("proof", "image"), Child(media_type=row("x")["mediaType"], size=SIZE)),
    )

    assert codes(known, "ALL") == []


def test_two_windows_releases_are_two_platforms() -> None:
    old, new = "10.0.17763.1", "10.0.20348.1"
    platforms = ({"architecture": "amd64", "os": "windows", "os.version": version} for version in (old, new))
    known = facts(
        *[(row(platform["os.version"]) | {"platform": platform}, child("windows/amd64")) for platform in platforms]
    )

    assert codes(known) == []


def test_times_of_reproducible_builds_do_not_count() -> None:
    def built(at: datetime | None, other: datetime) -> Facts:
        return facts(
            (row("one", "linux/amd64"), child("linux/amd64", created=at)),
            (row("two", "linux/arm64"), child("linux/arm64", created=other)),
        )

    assert codes(built(day(1), day(9))) == ["RT502"]
    assert codes(built(day(1), day(8))) == []
    assert codes(built(datetime(1970, 1, 1, tzinfo=UTC), day(8))) == []
    assert codes(built(None, day(8))) == []


def test_revisions_that_are_not_known_do_not_differ() -> None:
    def of(one: str, two: str) -> Facts:
        return facts(
            (row("one", "linux/amd64"), child("linux/amd64", revision=one)),
            (row("two", "linux/arm64"), child("linux/arm64", revision=two)),
        )

    assert codes(of("a", "b")) == ["RT501"]
    assert codes(of("a", "a")) == []
    assert codes(of("a", "")) == []


def require(known: Facts, *platforms: str, exact: bool = False) -> Facts:
    return replace(known, expect=Expectation(platforms=tuple(map(Platform.parse, platforms)), exact=exact))


def test_a_required_platform_counts_only_if_it_is_true() -> None:
    assert codes(require(one("linux/arm64", "linux/arm64"), "linux/arm64/v8")) == []
    assert codes(require(one("linux/arm64", "linux/amd64"), "linux/arm64"), "RT6") == ["RT601"]


def test_what_runs_by_fallback_is_told_apart_from_what_does_not_run() -> None:
    arm = one("linux/arm/v7", "linux/arm/v7")

    assert codes(require(arm, "linux/arm64")) == ["RT602"]
    assert codes(require(arm, "linux/arm/v6")) == ["RT601"]
    assert codes(require(one("linux/386", "linux/386"), "linux/amd64")) == ["RT602"]
    assert codes(require(one("linux/amd64", "linux/amd64"), "linux/amd64/v3")) == ["RT602"]


def test_exactly_means_no_others() -> None:
    two = facts((row("one", "linux/amd64"), child("linux/amd64")), (row("two", "linux/arm64/v8"), child("linux/arm64")))

    assert codes(require(two, "linux/amd64", exact=True)) == ["RT603"]
    assert codes(require(two, "linux/amd64", "linux/arm64", exact=True)) == []
    assert codes(require(two, "linux/amd64")) == []


class TestSelection:
    def test_without_words_is_the_default(self) -> None:
        assert [rule.code for rule in Selection().rules] == [rule.code for rule in RULES if rule.default]

    @pytest.mark.parametrize(
        ("select", "ignore", "expected"),
        [
            (["RT2"], [], ["RT201", "RT202", "RT203", "RT204", "RT205", "RT206"]),
            (["rt30"], ["RT301", "misspelt-platform"], ["RT302", "RT304", "RT305", "RT306", "RT307"]),
            (["no-list"], [], ["RT108"]),
            (["RT503", "RT101"], [], ["RT101", "RT503"]),
            (["ALL"], ["RT"], []),
        ],
    )
    def test_takes_codes_beginnings_and_names(self, select: list[str], ignore: list[str], expected: list[str]) -> None:
        assert [rule.code for rule in Selection(tuple(select), tuple(ignore)).rules] == expected

    @pytest.mark.parametrize("word", ["RT9", "X", "", "RT2011"])
    def test_refuses_what_is_no_rule(self, word: str) -> None:
        with pytest.raises(UsageError, match="is no rule"):
            Selection((word,))


def test_codes_and_names_are_unique_and_in_order() -> None:
    names = [rule.code for rule in RULES]

    assert names == sorted(set(names))
    assert len({rule.name for rule in RULES}) == len(RULES)
