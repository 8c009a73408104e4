from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.errors import UsageError
from regtool.model.reference import Tag
from regtool.planning.retention import Retention

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def falling(rule: Retention, **days: int | None) -> list[str]:
    made = {Tag(tag): NOW - timedelta(days=age) if age is not None else None for tag, age in days.items()}
    return [tag.name for tag in rule.falling(made, NOW)]


def test_the_newest_stay() -> None:
    assert falling(Retention(keep=2), a=1, b=2, c=3, d=4) == ["c", "d"]


def test_the_young_stay() -> None:
    assert falling(Retention(older=timedelta(days=2)), a=1, b=2, c=3) == ["c"]


def test_both_must_let_a_tag_fall() -> None:
    assert falling(Retention(keep=3, older=timedelta(days=2)), a=1, b=2, c=3, d=4) == ["d"]


def test_other_tags_do_not_count() -> None:
    assert falling(Retention(keep=1, tags=("pr_*",)), a=1, pr_1=2, pr_2=3) == ["pr_2"]


def test_what_has_no_date_stays() -> None:
    assert falling(Retention(keep=1), a=None, b=1, c=2) == ["c"]


def test_without_a_rule_none_falls() -> None:
    assert falling(Retention(), a=1000) == []


@pytest.mark.parametrize("words", [{"keep": 0}, {"keep": -1}, {"tags": ("pr-*",)}])
def test_a_rule_that_says_nonsense_is_refused(words: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Retention(**words)  # type: ignore[arg-type]


@given(some.dictionaries(some.from_regex(r"[a-z]{1,3}", fullmatch=True), some.integers(0, 9)), some.integers(1, 5))
def test_as_many_stay_as_should_and_none_that_falls_is_newer(days: dict[str, int], keep: int) -> None:
    fallen = set(falling(Retention(keep=keep), **days))
    stay = days.keys() - fallen

    assert len(stay) == min(keep, len(days))
    assert all(days[one] <= days[other] for one in stay for other in fallen)
