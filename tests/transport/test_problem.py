"""Refusals as errors: whose fault, in whose words, and what to do."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtool.errors import (
    ConflictError,
    ContentError,
    DeniedError,
    MissingPartError,
    NotFoundError,
    RateLimitedError,
    RegtoolError,
    UnreachableError,
    UsageError,
)
from regtool.transport.headers import Headers
from regtool.transport.message import Response
from regtool.transport.problem import complaints, error_for, retry_after

WHAT = "reg.example.com/app:1.0"


def response(status: int, body: Any = b"", **headers: str) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Response(status=status, headers=Headers(fields), content=content, url="https://reg.example.com/v2/x")


def errors(code: str, message: str = "", detail: Any = None) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": message, "detail": detail}]}


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (404, errors("MANIFEST_UNKNOWN", "manifest unknown", {"Tag": "1.0"}), NotFoundError,
         "the registry answers 404 (not found), MANIFEST_UNKNOWN: manifest unknown"),
        (404, errors("NAME_UNKNOWN", "repository name not known to registry"), NotFoundError,
         "the registry answers 404 (not found), NAME_UNKNOWN: repository name not known to registry"),
        (400, errors("NAME_UNKNOWN"), NotFoundError, "the registry answers 400 (bad request), NAME_UNKNOWN"),
        (404, b"", NotFoundError, "the registry answers 404 (not found)"),
        (404, b"<html><body>nginx</body></html>", NotFoundError, "the registry answers 404 (not found)"),
        (404, b"404 page not found\n", NotFoundError, "the registry answers 404 (not found), 404 page not found"),
        (401, errors("UNAUTHORIZED", "authentication required"), DeniedError,
         "the registry answers 401 (unauthorized), UNAUTHORIZED: authentication required"),
        (403, errors("DENIED", "requested access to the resource is denied"), DeniedError,
         "the registry answers 403 (forbidden), DENIED: requested access to the resource is denied"),
        (403, b"", DeniedError, "the registry answers 403 (forbidden)"),
        (429, b"toomanyrequests: You have reached your pull rate limit.", RateLimitedError,
         "the registry answers 429 (too many requests), toomanyrequests: You have reached your pull rate limit."),
        (403, errors("TOO_MANY_REQUEST"), DeniedError, "the registry answers 403 (forbidden), TOO_MANY_REQUEST"),
        (400, errors("TOO_MANY_REQUEST"), RateLimitedError, "the registry answers 400 (bad request), TOO_MANY_REQUEST"),
        (500, errors("UNKNOWN", "unknown error"), UnreachableError,
         "the registry answers 500 (internal error), UNKNOWN: unknown error"),
        (502, b"<html>", UnreachableError, "the registry answers 502 (bad gateway)"),
        (501, b"", UsageError, "the registry answers 501 (not implemented)"),
        (405, errors("UNSUPPORTED", "The operation is unsupported."), UsageError,
         "the registry answers 405 (not allowed), UNSUPPORTED: The operation is unsupported."),
        (409, b"", ConflictError, "the registry answers 409 (conflict)"),
        (412, errors("PRECONDITION", "'app:1.0' configured as immutable."), ConflictError,
         "the registry answers 412 (precondition failed), PRECONDITION: 'app:1.0' configured as immutable."),
        (400, errors("TAG_INVALID", "The image tag '1.0' already exists ... and cannot be overwritten because the "
                     "repository is immutable."), ConflictError, None),
        (400, errors("BLOB_UPLOAD_INVALID", "Repository does not allow updating assets: docker"), ConflictError, None),
        (413, b"", UsageError, "the registry answers 413 (too large)"),
        (400, errors("MANIFEST_INVALID", "manifest invalid", "no layers"), ContentError,
         "the registry answers 400 (bad request), MANIFEST_INVALID: manifest invalid no layers"),
        (400, errors("MANIFEST_BLOB_UNKNOWN", "blob unknown"), MissingPartError, None),
        (400, errors("MANIFEST_INVALID", "Could not find child manifest with digest sha256:0"), MissingPartError, None),
        (400, {"errors": [{"code": "DIGEST_INVALID"}, {"code": "MANIFEST_BLOB_UNKNOWN"}]}, MissingPartError,
         "the registry answers 400 (bad request), DIGEST_INVALID; MANIFEST_BLOB_UNKNOWN"),
        (400, errors("DIGEST_INVALID"), ContentError, None),
        (307, b"", UnreachableError, "the registry answers 307"),
        (418, {"message": "I am a teapot"}, UsageError, "the registry answers 418, I am a teapot"),
        (401, {"error": "invalid_grant", "error_description": "expired"}, DeniedError,
         "the registry answers 401 (unauthorized), invalid_grant: expired"),
        (401, {"details": "incorrect username or password"}, DeniedError,
         "the registry answers 401 (unauthorized), incorrect username or password"),
        (400, {"errors": "no list"}, UsageError, "the registry answers 400 (bad request)"),
        (400, {"errors": [None, 5, {"code": 7, "message": []}]}, UsageError, "the registry answers 400 (bad request)"),
        (400, [1, 2], UsageError, "the registry answers 400 (bad request)"),
        (400, b"[" * 100_000, UsageError, "the registry answers 400 (bad request)"),
        (400, b"\xff\xfe{", UsageError, None),
    ],
)  # fmt: skip
def test_status_and_code_say_what_kind_of_error_it_is(
    status: int, body: Any, kind: type[RegtoolError], text: str | None
) -> None:
    error = error_for(response(status, body), WHAT)

    assert type(error) is kind
    assert error.what == WHAT
    if text is not None:
        assert error.why == text


def test_a_hint_of_the_caller_goes_first_then_the_clients_advice() -> None:
    refused = response(403)

    assert error_for(refused, WHAT, hint="do this").hint == "do this"
    assert str(error_for(refused, WHAT)).endswith("; check the name, or log in with an account that may do this")


def test_many_errors_are_told_once_each_and_then_counted() -> None:
    many = {"errors": [{"code": "MANIFEST_BLOB_UNKNOWN", "message": f"blob {number % 5}"} for number in range(50)]}

    why = error_for(response(400, many), WHAT).why
    assert why.endswith("blob 0; MANIFEST_BLOB_UNKNOWN: blob 1; MANIFEST_BLOB_UNKNOWN: blob 2; and 2 more")


def test_the_registrys_words_cannot_move_the_cursor_or_fill_the_screen() -> None:
    evil = errors("DENIED", "\x1b[2J\x1b[31mok\r\nregtool: done \u202e \x9b" + "x" * 10_000)

    message = str(error_for(response(403, evil), WHAT))
    assert message.isprintable()
    assert "\\x1b[2J" in message
    assert "\\x0d\\x0aregtool" in message
    assert "\\u202e" in message
    assert len(message) < 600


def test_complaints_keep_the_facts() -> None:
    first = complaints(response(404, errors("MANIFEST_UNKNOWN", "unknown", "detail")))[0]

    assert (first.code, first.message, first.detail) == ("MANIFEST_UNKNOWN", "unknown", "detail")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 60.0),
        ("Wed, 21 Oct 2015 07:26:00 GMT", 0.0),
        ("1445412480", 60.0),  # seconds since 1970, as Docker Hub has sent them
        ("1e5", None), ("-5", None), ("1.5", None), ("", None), ("tomorrow", None), ("٣", None), ("9" * 400, None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_all_its_dialects(value: str, seconds: float | None) -> None:
    assert retry_after(response(429, retry_after=value), now=1445412420.0) == seconds


def test_a_date_is_of_the_servers_own_clock() -> None:
    later = response(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT", date="Wed, 21 Oct 2015 07:27:30 GMT")

    assert retry_after(later) == 30.0


def test_a_rate_limit_says_when_to_come_back() -> None:
    error = error_for(response(429, retry_after="77"), WHAT)

    assert isinstance(error, RateLimitedError)
    assert (error.retry_after, error.hint) == (77.0, "try again in 77 s")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["errors", "code", "message", "x"]), inner)
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.integers(300, 599), _json | st.binary(max_size=200), st.text(max_size=40))
def test_whatever_a_registry_says_is_one_printable_line(status: int, body: Any, header: str) -> None:
    error = error_for(response(status, body, retry_after=header), WHAT)

    assert isinstance(error, RegtoolError)
    assert str(error).isprintable()
