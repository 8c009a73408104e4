"""An answer that is a refusal, as the error that says so: status, the registry's own code and words, and a way out."""

import json
import time
from collections.abc import Iterator
from typing import Any

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
from regtool.transport.message import Response
from regtool.transport.visible import visible
from regtool.values import dataclass

_LONGEST_TEXT = 300
_MOST_DETAILS = 3
_WORDS = {
    400: "bad request", 401: "unauthorized", 403: "forbidden", 404: "not found", 405: "not allowed",
    407: "login required", 409: "conflict", 412: "precondition failed", 413: "too large", 414: "address too long",
    415: "media type refused", 416: "range refused", 429: "too many requests", 431: "headers too large",
    500: "internal error", 501: "not implemented", 502: "bad gateway", 503: "unavailable", 504: "gateway time-out",
}  # fmt: skip
_BY_STATUS: dict[int, type[RegtoolError]] = {
    401: DeniedError, 403: DeniedError, 404: NotFoundError, 407: UnreachableError, 408: UnreachableError,
    409: ConflictError, 412: ConflictError, 416: ContentError, 425: UnreachableError, 499: UnreachableError,
}  # fmt: skip
# Registries agree on codes more than on statuses.
_BY_CODE: dict[str, type[RegtoolError]] = {
    "UNAUTHORIZED": DeniedError, "DENIED": DeniedError, "NAME_INVALID": UsageError, "UNSUPPORTED": UsageError,
    "BLOB_UNKNOWN": NotFoundError, "MANIFEST_UNKNOWN": NotFoundError, "NAME_UNKNOWN": NotFoundError,
    "TOOMANYREQUESTS": RateLimitedError, "TOO_MANY_REQUEST": RateLimitedError,
    "DIGEST_INVALID": ContentError, "SIZE_INVALID": ContentError,
    "MANIFEST_INVALID": ContentError,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error as registries list them: `code` such as MANIFEST_UNKNOWN, with their words as they are."""

    code: str
    message: str
    detail: str = ""

    def __str__(self) -> str:
        text = " ".join(part for part in (self.message, self.detail) if part)
        return f"{self.code}: {text}" if self.code and text else self.code or text


def complaints(response: Response) -> list[Complaint]:
    """The errors in the body of a refusal; empty if the registry did not make the body (a proxy's HTML, say)."""
    document = _json(response.content)
    if not isinstance(document, dict):
        return []
    listed = document.get("errors")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return [complaint for complaint in map(_complaint, entries) if str(complaint)] or list(_single(document))


def error_for(response: Response, what: str, *, hint: str | None = None) -> RegtoolError:
    """The error that this refusal means for `what`. The registry's words are in it, made safe to show and cut."""
    said = complaints(response)
    kind = _kind(response, said)
    why = f"{_status(response.status)}{_said(response, said)}"
    hint = hint or response.advice or _advice(response, kind)
    if kind is RateLimitedError:
        return RateLimitedError(what, why, hint, retry_after=retry_after(response))
    return kind(what, why, hint)


def retry_after(response: Response, now: float | None = None) -> float | None:
    """The seconds that a server asks to wait, as it says them: a number, a date, or a moment in seconds since 1970.

    None for nothing, and for what makes no sense. `now` is the time of day, the machine's own if it is not given.
    """
    value = response.headers.get("retry-after", "").strip()
    seconds = _number(value)
    if seconds is None or seconds >= 1e9:
        moment = _moment(value) if seconds is None else seconds
        seconds = None if moment is None else max(0.0, moment - _now(now, response))
    return seconds


def _kind(response: Response, said: list[Complaint]) -> type[RegtoolError]:
    status = response.status
    if status == 429:
        return RateLimitedError
    if status >= 500 and status != 501:
        return UnreachableError
    if any(_is_immutable(complaint) for complaint in said):
        return ConflictError
    if any(_lacks_a_part(complaint) for complaint in said):
        return MissingPartError
    if status in (401, 403, 407):
        return _BY_STATUS[status]
    for complaint in said:
        if complaint.code in _BY_CODE:
            return _BY_CODE[complaint.code]
    if 300 <= status < 400:
        return UnreachableError
    return _BY_STATUS.get(status, UsageError)


def _is_immutable(complaint: Complaint) -> bool:
    """A tag that cannot be moved: every registry has its own code for it, and the same word."""
    text = f"{complaint.message} {complaint.detail}".lower()
    return "immutable" in text or "does not allow updating" in text or "cannot be overwritten" in text


def _lacks_a_part(complaint: Complaint) -> bool:
    """A part that is not there. Quay's code does not say so; distribution says first that it cannot verify the rest."""
    return complaint.code == "MANIFEST_BLOB_UNKNOWN" or "could not find child manifest" in complaint.message.lower()


def _status(status: int) -> str:
    who = "the proxy" if status == 407 else "the registry"
    return f"{who} answers {status}" + (f" ({_WORDS[status]})" if status in _WORDS else "")


def _said(response: Response, said: list[Complaint]) -> str:
    if said:
        texts = list(dict.fromkeys(visible(str(complaint), _LONGEST_TEXT) for complaint in said))
        more = len(texts) - _MOST_DETAILS
        return ", " + "; ".join(texts[:_MOST_DETAILS]) + (f"; and {more} more" if more > 0 else "")
    text = _plain(response)
    return f", {visible(text, _LONGEST_TEXT)}" if text else ""


def _plain(response: Response) -> str:
    """The body where it is a short text in words; pages of HTML say nothing in a message."""
    text = response.content[:2048].decode("utf-8", errors="replace").strip()
    if not text or text[0] in "<{[" or "html" in response.headers.get("content-type", ""):
        return ""
    return text.splitlines()[0]


def _advice(response: Response, kind: type[RegtoolError]) -> str | None:
    if kind is RateLimitedError:
        seconds = retry_after(response)
        return "try again later" if seconds is None else f"try again in {seconds:.0f} s"
    if response.status == 407:
        return "give its password in HTTP_PROXY: http://USER:PASSWORD@HOST:PORT"
    if b"HTTP request to an HTTPS server" in response.content or b"HTTP request was sent to HTTPS" in response.content:
        return "it speaks TLS: name its CA with --ca-file, or skip the check with --insecure HOST"
    if kind is DeniedError:
        return "check the name, or log in with an account that may do this"
    return None


def _complaint(entry: dict[str, Any]) -> Complaint:
    code, message, detail = entry.get("code", ""), entry.get("message", ""), entry.get("detail")
    return Complaint(_text(code), _text(message), detail if isinstance(detail, str) and detail != message else "")


def _single(document: dict[str, Any]) -> Iterator[Complaint]:
    """The form of token servers and of frameworks: one error at the top."""
    code, text = (
        document.get("error") or document.get("code"),
        document.get("error_description") or document.get("message"),
    )
    text = text or document.get("details") or document.get("detail")
    if isinstance(code, str) or isinstance(text, str):
        yield Complaint(_text(code), _text(text))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _json(content: bytes) -> Any:
    try:
        return json.loads(content.decode())
    except (ValueError, RecursionError):
        return None


def _number(value: str) -> float | None:
    return float(value) if value.isdecimal() and value.isascii() and len(value) <= 15 else None


def _moment(value: str) -> float | None:
    if not value:
        return None
    from email.utils import parsedate_to_datetime  # pulls in all of `email`, for a header that is seldom there

    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _now(now: float | None, response: Response) -> float:
    """Now by the server's own clock where it tells it, as its dates are of that clock."""
    if now is not None:
        return now
    return _moment(response.headers.get("date", "")) or time.time()
