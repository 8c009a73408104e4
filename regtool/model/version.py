"""Versions as tags carry them, by Semantic Versioning 2.0.0, with what tags take liberties with: `v1.2`, `1`."""

import re
from dataclasses import field
from functools import total_ordering
from typing import Self

from regtool.errors import UsageError
from regtool.values import dataclass

_VERSION = re.compile(
    r"v?(?P<release>\d{1,18}(?:\.\d{1,18}){0,3})(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.IGNORECASE
)
_TERM = re.compile(r"(?P<operator>>=|<=|!=|==|>|<|=|\^|~|)\s*(?P<version>[0-9A-Za-z.+-]+)")
_BETWEEN = re.compile(r"\s*,\s*|\s+(?=[<>=!^~])")


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A version such as `1.2.3-rc.1`. What is not given counts as 0 in comparisons: `1.2` equals `1.2.0`.

    `release` are the numbers as given, `pre` the parts of a pre-release; `1.25-alpine` reads as one, as in every tool.
    """

    release: tuple[int, ...]
    pre: tuple[str, ...] = ()

    @classmethod
    def find(cls, text: str) -> Self | None:
        """The version that `text` is, with or without a `v`; None if it is none."""
        found = _VERSION.fullmatch(text)
        if not found:
            return None
        pre = tuple(found["pre"].split(".")) if found["pre"] else ()
        return cls(tuple(map(int, found["release"].split("."))), pre)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The version that `text` is. Raises UsageError."""
        found = cls.find(text)
        if found is None:
            raise UsageError(text or "an empty version", "not a version", "write it as 1.2.3 or v1.2.3-rc.1")
        return found

    @property
    def _key(self) -> tuple[object, ...]:
        release = (*self.release, 0, 0, 0)[:4]
        # A release comes after its pre-releases; among their parts numbers come before words (SemVer, item 11).
        parts = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in self.pre)
        return release, not self.pre, parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __lt__(self, other: "Version") -> bool:
        return self._key < other._key

    def __str__(self) -> str:
        pre = f"-{'.'.join(self.pre)}" if self.pre else ""
        return ".".join(map(str, self.release)) + pre


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Which versions are meant: `>=1.2`, `>=1.2 <2`, `^1.4`, `~1.4.2`, `1.4` (that is 1.4.x), several by `||`.

    Pre-releases are meant only if the range names one.
    """

    text: str
    _choices: tuple[tuple[tuple[str, Version], ...], ...] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a range. Raises UsageError."""
        return cls(text, tuple(_terms(choice, text) for choice in text.split("||")))

    def __contains__(self, version: Version) -> bool:
        if version.pre and not any(term.pre for choice in self._choices for _, term in choice):
            return False
        return any(all(_fits(version, *term) for term in choice) for choice in self._choices)

    def __str__(self) -> str:
        return self.text


def _terms(choice: str, text: str) -> tuple[tuple[str, Version], ...]:
    found = [_TERM.fullmatch(term) for term in _BETWEEN.split(choice.strip())]
    versions = [Version.find(term["version"]) if term else None for term in found]
    if not all(versions):
        raise UsageError(text or "an empty range", "not a range of versions", "write it as '>=1.2 <2', '^1.4' or '1.4'")
    return tuple((term["operator"], version) for term, version in zip(found, versions, strict=True) if term and version)


def _fits(version: Version, operator: str, bound: Version) -> bool:
    match operator:
        case ">=":
            return version >= bound
        case "<=":
            return version <= bound
        case ">":
            return version > bound
        case "<":
            return version < bound
        case "!=":
            return version != bound
        case "==" | "=":
            return version == bound
        case "^":
            return version >= bound and _begins(version, bound, _caret(bound))
        case "~":
            return version >= bound and _begins(version, bound, min(2, len(bound.release)))
        case _:
            return version == bound or (not bound.pre and _begins(version, bound, len(bound.release)))


def _caret(bound: Version) -> int:
    """How many numbers must stay: up to the first that is not 0, as `^0.2` does not reach 0.3."""
    leading = next((at for at, number in enumerate(bound.release) if number), len(bound.release) - 1)
    return leading + 1


def _begins(version: Version, bound: Version, count: int) -> bool:
    return (*version.release, 0, 0, 0)[:count] == (*bound.release, 0, 0, 0)[:count]
