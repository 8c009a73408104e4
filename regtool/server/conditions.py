"""Writes under a condition: `If-Match` and `If-None-Match` over the digest as the entity tag (RFC 9110 13.1).

The distribution-spec allows them without asking for them. With them, two writers of one tag cannot lose each
other's work: the one that comes second is told so.
"""

from regtool.model.digest import Digest
from regtool.server.message import Request
from regtool.server.problems import Problem
from regtool.values import dataclass


def etag(digest: Digest) -> str:
    """The entity tag of content: its digest."""
    return f'"{digest}"'


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a request wants to be so before it is carried out."""

    match: frozenset[str] | None
    none_match: frozenset[str] | None

    @classmethod
    def of(cls, request: Request) -> "Conditions":
        """The conditions of a request; most have none."""
        return cls(_tags(request.headers.get("if-match")), _tags(request.headers.get("if-none-match")))

    def check(self, current: Digest | None) -> None:
        """Raises a 412 unless what is there now, if anything, is as wanted."""
        if self.match is not None and not _holds(self.match, current):
            raise _failed(current)
        if self.none_match is not None and _holds(self.none_match, current):
            raise _failed(current)

    def unchanged(self, current: Digest) -> bool:
        """Whether a reader has this already."""
        return self.none_match is not None and _holds(self.none_match, current)


def _tags(header: str | None) -> frozenset[str] | None:
    if header is None:
        return None
    return frozenset(part.strip().removeprefix("W/") for part in header.split(","))


def _holds(wanted: frozenset[str], current: Digest | None) -> bool:
    return current is not None and ("*" in wanted or etag(current) in wanted)


def _failed(current: Digest | None) -> Problem:
    why = f"it is {current} now" if current else "it is not there"
    return Problem.unlisted(412, f"the condition does not hold: {why}")
