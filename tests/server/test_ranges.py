"""Ranges, as readers ask for them and as writers announce them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtool.server.ranges import Range, UnsatisfiableError, asked, chunk

SIZES = st.integers(0, 10**18)


@given(st.text(), SIZES)
def test_any_header_is_a_range_within_the_content_or_none(header: str, size: int) -> None:
    for text in (header, f"bytes={header}"):
        try:
            found = asked(text, size)
        except UnsatisfiableError:
            continue
        assert found is None or 0 <= found.first <= found.last < size


@given(st.integers(1, 10**18), st.data())
def test_a_range_within_the_content_is_taken_as_it_is(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, size - 1))

    assert asked(f"bytes={first}-{last}", size) == Range(first, last)
    assert asked(f"bytes={first}-", size) == Range(first, size - 1)
    assert asked(f"bytes=-{size - first}", size) == Range(first, size - 1)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-1", "bytes=0-0"])
def test_nothing_has_no_range(header: str) -> None:
    with pytest.raises(UnsatisfiableError):
        asked(header, 0)


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_a_chunk_has_both_ends_in_order(first: int, last: int) -> None:
    found = chunk(f"{first}-{last}")

    assert found == (Range(first, last) if first <= last else None)
    assert found is None or found.length == last - first + 1


@given(st.text())
def test_any_other_header_is_no_chunk(header: str) -> None:
    found = chunk(header)

    assert found is None or str(found).isascii()
