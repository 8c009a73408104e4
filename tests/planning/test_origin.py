"""What images say of where they come from."""

from datetime import UTC, datetime

import pytest

from regtool.planning.origin import CREATED, REVISION, VERSION, Origin

MONDAY, TUESDAY = "2026-11-23T10:00:00Z", "2026-11-24T10:00:00+01:00"


def test_annotations_are_the_builds_own_and_go_before_labels() -> None:
    origin = Origin.of({REVISION: "base", VERSION: "22.04"}, {REVISION: "mine"}, MONDAY)

    assert (origin.revision, origin.version) == ("mine", "22.04")
    assert origin.created == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_the_annotated_moment_goes_before_that_of_the_configuration_and_a_label_is_no_moment() -> None:
    assert Origin.of({CREATED: TUESDAY}, {CREATED: MONDAY}, TUESDAY).created == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert Origin.of({CREATED: TUESDAY}, {}).created is None


@pytest.mark.parametrize(
    "text", ["1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z", "0001-01-01T00:00:00Z", "yesterday", "", None]
)
def test_moments_that_nobody_means_are_none(text: str | None) -> None:
    assert Origin.of({}, {}, text).created is None


def test_a_moment_without_a_zone_is_utc() -> None:
    assert Origin.of({}, {}, "2026-11-23T10:00:00.123456789").created == datetime(2026, 11, 23, 10, 0, 0, 123456, UTC)


def test_a_list_says_what_all_its_images_say_and_is_as_young_as_the_youngest() -> None:
    images = [
        Origin.of({REVISION: "a", VERSION: "1"}, {}, MONDAY),
        Origin.of({REVISION: "b", VERSION: "1"}, {}, TUESDAY),
    ]
    together = Origin.of_all(images, {})

    assert (together.revision, together.version) == ("", "1")
    assert together.created == datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_a_lists_own_annotations_go_before_its_images() -> None:
    together = Origin.of_all([Origin.of({VERSION: "1"}, {}, TUESDAY)], {VERSION: "2", CREATED: MONDAY})

    assert together.version == "2"
    assert together.created == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_a_list_of_nothing_says_nothing() -> None:
    assert Origin.of_all([], {}) == Origin()
