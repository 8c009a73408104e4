"""What each guard lets pass and what it refuses, and in which words."""

from datetime import UTC, datetime

import pytest

from regtool.errors import ConflictError, MovedError, UsageError
from regtool.model.platform import Platform
from regtool.planning.guards import (
    Guards,
    Seen,
    refuse_mixed,
    refuse_older,
    refuse_shrink,
    refuse_unexpected,
    refuse_unseen,
    unmet,
)
from regtool.planning.member import Member
from regtool.planning.origin import Origin
from tests.planning.members import digest, member

APP = "localhost:5000/app:1.0"
MONDAY, TUESDAY = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)


def platforms(text: str) -> list[Platform]:
    return [Platform.parse(word) for word in text.split()]


def members(text: str) -> list[Member]:
    return [member(str(platform), platform) for platform in platforms(text)]


class TestExpect:
    def test_nothing_expected_is_nothing_refused(self) -> None:
        refuse_unexpected(APP, members("linux/amd64"), [])

    def test_spellings_do_not_matter_nor_the_order(self) -> None:
        refuse_unexpected(APP, members("linux/arm64 linux/amd64"), platforms("x86_64 linux/arm64/v8"))

    def test_what_is_missing_and_what_is_surplus_is_named(self) -> None:
        with pytest.raises(ConflictError) as refused:
            refuse_unexpected(APP, members("linux/amd64 linux/s390x"), platforms("amd64 arm64 arm/v7"))

        assert refused.value.why == "lacks linux/arm64, linux/arm/v7 and has linux/s390x, which --expect does not name"

    def test_artifacts_are_not_counted(self) -> None:
        refuse_unexpected(APP, [*members("linux/amd64"), member("chart", None)], platforms("amd64"))

    def test_several_releases_of_windows_answer_one_expectation(self) -> None:
        both = members("windows(10.0.17763.1)/amd64 windows(10.0.20348.1)/amd64")
        refuse_unexpected(APP, both, platforms("windows/amd64"))

        assert unmet(platforms("windows(10.0.17763.1)/amd64"), platforms("windows(10.0.20348.1)/amd64")) != []


class TestShrink:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("linux/amd64", "linux/amd64 linux/arm64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("windows(10.0.20348.1)/amd64", "windows(10.0.20348.2402)/amd64"),
            ("windows(10.0.20348.1)/amd64", "windows/amd64"),
            ("windows/amd64", "windows(10.0.20348.1)/amd64"),
        ],
    )
    def test_whoever_was_served_is_served_still(self, before: str, after: str) -> None:
        refuse_shrink(APP, platforms(before), platforms(after))

    @pytest.mark.parametrize(
        ("before", "after", "lost"),
        [
            ("linux/amd64 linux/arm64", "linux/amd64", "linux/arm64"),
            ("linux/amd64 linux/arm64", "linux/amd64 linux/s390x linux/riscv64", "linux/arm64"),
            ("linux/arm/v6", "linux/arm/v7", "linux/arm/v6"),
            ("windows(10.0.17763.1)/amd64", "windows(10.0.20348.1)/amd64", "windows(10.0.17763.1)/amd64"),
        ],
    )
    def test_a_platform_that_would_be_lost_is_named(self, before: str, after: str, lost: str) -> None:
        with pytest.raises(ConflictError) as refused:
            refuse_shrink(APP, platforms(before), platforms(after))

        assert refused.value.why == f"would lose {lost}, which it has now"
        assert "--allow-shrink" in (refused.value.hint or "")


class TestRevisions:
    def test_one_revision_and_silence_pass(self) -> None:
        one, two, silent = members("linux/amd64 linux/arm64 linux/s390x")
        refuse_mixed(
            APP, [(one, Origin(revision="a")), (silent, Origin()), (two, Origin(revision="a"))], strictly=False
        )

    def test_two_revisions_are_named_with_their_images(self) -> None:
        one, two = members("linux/amd64 linux/arm64")
        with pytest.raises(ConflictError, match=r"of revision a, but .* of b; .*--allow-mixed-revisions"):
            refuse_mixed(APP, [(one, Origin(revision="a")), (two, Origin(revision="b"))], strictly=False)

    def test_strictly_silence_is_refused_too(self) -> None:
        one, two = members("linux/amd64 linux/arm64")
        with pytest.raises(ConflictError, match=r"does not say its org\.opencontainers\.image\.revision"):
            refuse_mixed(APP, [(one, Origin(revision="a")), (two, Origin())], strictly=True)

    def test_both_wishes_at_once_contradict_each_other(self) -> None:
        with pytest.raises(UsageError, match="contradicts"):
            Guards(same_revision=True, allow_mixed_revisions=True)


class TestOlder:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (Origin(version="1.2.9"), Origin(version="1.2.10")),
            (Origin(version="v1.2.0-rc.1"), Origin(version="1.2.0")),
            (Origin(version="1.3.0", created=TUESDAY), Origin(version="1.4.0", created=MONDAY)),
            (Origin(version="1.3.0", created=MONDAY), Origin(version="1.3.0", created=TUESDAY)),
            (Origin(version="main", created=MONDAY), Origin(version="main", created=TUESDAY)),
            (Origin(version="1.3.0"), Origin(version="1.3.0")),
            (Origin(created=MONDAY), Origin(created=MONDAY)),
        ],
    )
    def test_what_is_newer_or_the_same_passes(self, before: Origin, after: Origin) -> None:
        refuse_older(APP, before, after)

    @pytest.mark.parametrize(
        ("before", "after", "why"),
        [
            (Origin(version="1.10.0"), Origin(version="1.9.0"), "is at version 1.10.0, newer than 1.9.0"),
            (Origin(version="1.3.0", created=MONDAY), Origin(version="1.2.9", created=TUESDAY), "version 1.3.0"),
            (Origin(version="1.3.0", created=TUESDAY), Origin(version="1.3.0", created=MONDAY), "was built 2026-11-24"),
            (Origin(version="main", created=TUESDAY), Origin(version="main", created=MONDAY), "was built 2026-11-24"),
        ],
    )
    def test_what_is_older_is_refused(self, before: Origin, after: Origin, why: str) -> None:
        with pytest.raises(ConflictError) as refused:
            refuse_older(APP, before, after)

        assert why in refused.value.why

    @pytest.mark.parametrize("before", [Origin(), Origin(version="1.0.0"), Origin(version="main")])
    def test_what_cannot_be_compared_is_refused(self, before: Origin) -> None:
        with pytest.raises(ConflictError, match="cannot be compared"):
            refuse_older(APP, before, Origin(created=MONDAY))


class TestSeen:
    def test_what_was_seen_passes(self) -> None:
        refuse_unseen(APP, Seen(digest("a")), digest("a"))
        refuse_unseen(APP, Seen.parse("absent"), None)

    @pytest.mark.parametrize("now", [None, digest("b")])
    def test_anything_else_has_moved(self, now: object) -> None:
        with pytest.raises(MovedError, match=f"is {now or 'absent'}, not {digest('a')}"):
            refuse_unseen(APP, Seen.parse(str(digest("a"))), now)  # type: ignore[arg-type]

    def test_a_tag_that_came_to_be_has_moved(self) -> None:
        with pytest.raises(MovedError, match="not absent"):
            refuse_unseen(APP, Seen(None), digest("a"))

    def test_words_that_are_no_digest_are_refused(self) -> None:
        with pytest.raises(UsageError, match="not a digest"):
            Seen.parse("Absent")
