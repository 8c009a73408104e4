import copy
import pickle
import re

import pytest

from regtool import errors
from regtool.errors import RateLimitedError, RegtoolError, UsageError

EVERY: list[type[RegtoolError]] = [
    found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, RegtoolError)
]
BRANCHES = [error for error in EVERY if error.__base__ is RegtoolError]

# branch, name, exit code
DRAWN = re.findall(r"^ *([│├└─ ]*)(\w+Error) +(\d+)  ", errors.__doc__ or "", re.MULTILINE)


def depth(error: type[RegtoolError]) -> int:
    """How far below the root an error is."""
    return sum(issubclass(parent, RegtoolError) for parent in error.__mro__) - 1


def test_the_drawing_shows_every_error_with_its_exit_code() -> None:
    assert sorted((error.__name__, error.exit_code) for error in EVERY) == sorted(
        (name, int(number)) for _, name, number in DRAWN
    )


def test_the_drawing_shows_what_is_under_what() -> None:
    drawn = {name: len(branch) // 4 + bool(branch) for branch, name, _ in DRAWN}

    assert {error.__name__: depth(error) for error in EVERY} == drawn


def test_exit_codes_run_from_one_without_a_gap() -> None:
    assert [RegtoolError.exit_code, *(error.exit_code for error in BRANCHES)] == list(range(1, len(BRANCHES) + 2))


def test_a_kind_of_an_error_leaves_with_the_same_exit_code() -> None:
    for branch in BRANCHES:
        assert {error.exit_code for error in EVERY if issubclass(error, branch)} == {branch.exit_code}


def test_every_error_has_a_word_of_its_own_for_programs() -> None:
    words = {error.code for error in EVERY}

    assert len(words) == len(EVERY)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", word) for word in words)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (RegtoolError("app:1.0", "not there"), "app:1.0: not there"),
        (RegtoolError("app:1.0", "not there", "push it first"), "app:1.0: not there; push it first"),
        (RegtoolError("", "nothing to do"), "nothing to do"),
        (RegtoolError("", "nothing to do", "name a source"), "nothing to do; name a source"),
    ],
)
def test_an_error_is_one_line_that_names_the_thing_the_reason_and_the_way_out(error: RegtoolError, line: str) -> None:
    assert str(error) == line


@pytest.mark.parametrize("error", EVERY)
def test_facts_are_fields(error: type[RegtoolError]) -> None:
    raised = error("app:1.0", "not there", "push it first")

    assert (raised.what, raised.why, raised.hint) == ("app:1.0", "not there", "push it first")


@pytest.mark.parametrize("error", EVERY)
def test_an_error_survives_the_way_to_another_process(error: type[RegtoolError]) -> None:
    raised = error("app:1.0", "not there", "push it first")

    for other in (pickle.loads(pickle.dumps(raised)), copy.copy(raised)):
        assert type(other) is error
        assert str(other) == str(raised)


def test_a_rate_limit_says_how_long_to_wait_where_the_registry_said_so() -> None:
    limited = RateLimitedError("app:1.0", "too many requests", retry_after=30.0)

    assert limited.retry_after == 30.0
    assert pickle.loads(pickle.dumps(limited)).retry_after == 30.0
    assert RateLimitedError("app:1.0", "too many requests").retry_after is None


def test_a_usage_error_is_what_parsers_of_other_libraries_expect() -> None:
    with pytest.raises(ValueError, match="not a tag"):
        raise UsageError("?", "not a tag")
