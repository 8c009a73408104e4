"""Lengths of time in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtool.errors import UsageError
from regtool.model.duration import duration_text, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("15m", 900),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1h5s", 3605),
        ("90d", 7776000),
        ("2w", 1209600),
        ("0", 0),
        (" 15M ", 900),
    ],
)
def test_reads_seconds_up_to_weeks(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", " ", "m", "15 m", "1.5h", "-3", "5m1h", "٣m", "1e3", "1h30m10s5"])
def test_refuses_everything_else(text: str) -> None:
    with pytest.raises(UsageError, match="write it as 90s, 15m, 1h30m or 90d"):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=10**6))
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert parse_duration(duration_text(seconds)) == seconds
