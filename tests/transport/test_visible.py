"""Text and URLs that are safe to show."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtool.transport.redact import redact
from regtool.transport.visible import LIMIT, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, Ünïcode 日本 🎉", "plain text, Ünïcode 日本 🎉"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\nb\r\tc\x00", "a\\x0ab\\x0d\\x09c\\x00"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("a\u200bb\ufeff\u00ad", "a\\u200bb\\ufeff\\xad"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)  # fmt: skip
def test_what_could_deceive_is_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@settings(deadline=None)
@given(st.text(max_size=3 * LIMIT), st.integers(1, LIMIT))
def test_it_is_one_printable_line_of_limited_length(text: str, limit: int) -> None:
    shown = visible(text, limit)

    assert len(shown) <= limit
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)
    shown.encode()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://r.io/v2/a/manifests/1", "https://r.io/v2/a/manifests/1"),
        ("https://u:p@r.io/x", "https://r.io/x"),
        ("https://s3/x?X-Amz-Signature=abc&n=5", "https://s3/x?X-Amz-Signature=REDACTED&n=5"),
        ("https://r.io/t?scope=repository:a:pull&service=s&account=me",
         "https://r.io/t?scope=repository:a:pull&service=s&account=REDACTED"),
        ("https://r.io/u?_state=abc&digest=sha256:1", "https://r.io/u?_state=REDACTED&digest=sha256:1"),
        ("https://r.io/u?token", "https://r.io/u?REDACTED"),
        ("https://r.io/u?a=b=c#fragment", "https://r.io/u?a=REDACTED"),
        ("http://[::1]:5000/x", "http://[::1]:5000/x"),
        ("https://r.io/\x1b[2J", "https://r.io/\\x1b[2J"),
        ("", ""),
        ("https://[bad/x?token=secret", "(an address that makes no sense)"),
    ],
)  # fmt: skip
def test_urls_are_shown_without_what_grants_anything(url: str, shown: str) -> None:
    assert redact(url) == shown


@settings(deadline=None)
@given(st.text(max_size=100))
def test_redacting_never_fails_and_is_printable(url: str) -> None:
    redact(url).encode()
