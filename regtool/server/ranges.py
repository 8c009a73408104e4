"""The two kinds of ranges: what a reader asks for (RFC 9110 14), and which chunk a writer sends (distribution-spec)."""

import re

from regtool.values import dataclass

_ASKED = re.compile(r"bytes=(?P<first>[0-9]{0,19})-(?P<last>[0-9]{0,19})")
_CHUNK = re.compile(r"(?P<first>[0-9]{1,19})-(?P<last>[0-9]{1,19})")


class UnsatisfiableError(Exception):
    """No byte of the content is in the range."""


@dataclass(frozen=True, slots=True)
class Range:
    """The bytes from `first` to `last`, both included, as everywhere in HTTP."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes that is."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def asked(header: str, size: int) -> Range | None:
    """The range of a `Range` header within content of `size` bytes.

    None stands for all of it: what is not one range of bytes is ignored (RFC 9110 14.2). Raises UnsatisfiableError.
    """
    found = _ASKED.fullmatch(header.strip())
    if not found or not (found["first"] or found["last"]):
        return None
    if not found["first"]:
        first, last = max(size - int(found["last"]), 0), size - 1
    else:
        first, last = int(found["first"]), min(int(found["last"] or size - 1), size - 1)
        if found["last"] and int(found["last"]) < first:
            return None
    if first > last:
        raise UnsatisfiableError
    return Range(first, last)


def chunk(header: str) -> Range | None:
    """The range of a chunk's `Content-Range`; None if it is none."""
    found = _CHUNK.fullmatch(header.strip())
    if not found or int(found["last"]) < int(found["first"]):
        return None
    return Range(int(found["first"]), int(found["last"]))
