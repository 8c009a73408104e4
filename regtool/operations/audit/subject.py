"""What an audit looks at: names, and repositories whose tags are chosen by pattern, by version, or all."""

import heapq
import re
from collections.abc import AsyncIterator
from dataclasses import field
from fnmatch import fnmatchcase

from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.model.reference import Place, Reference, Repository, Tag
from regtool.model.version import Version, VersionRange
from regtool.values import dataclass

# Where signatures and other referrers are kept (cosign; distribution-spec "Referrers Tag Schema"): no images.
_OF_A_DIGEST = re.compile(r"sha(?:256|512)-[0-9a-f]{40,128}(?:\..+)?")


@dataclass(frozen=True, slots=True)
class Subject:
    """One name to look at. `source` says who names it, such as a line of a Dockerfile; empty for the command line.

    `platforms` is what this one has to offer, where that differs from what is required of all.
    """

    reference: Reference
    source: str = ""
    platforms: tuple[Platform, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFilter:
    """Which tags of a repository: those that fit a pattern and a range of versions, of these the newest `latest`."""

    patterns: tuple[str, ...] = ()
    versions: VersionRange | None = None
    latest: int | None = None

    def __post_init__(self) -> None:
        if self.latest is not None and self.latest < 1:
            raise UsageError(f"--latest {self.latest}", "is no number of tags", "give 1 or more")

    async def choose(self, tags: AsyncIterator[Tag]) -> AsyncIterator[Tag]:
        """The tags that are meant, as they come; with `latest` at the end, the newest first."""
        if self.latest is None:
            async for tag in tags:
                if self._fits(tag):
                    yield tag
            return
        newest: list[tuple[Version, Tag]] = []
        async for tag in tags:
            version = Version.find(tag.name)
            if version is not None and self._fits(tag):
                push = heapq.heappush if len(newest) < self.latest else heapq.heappushpop
                push(newest, (version, tag))
        for _, tag in sorted(newest, reverse=True):
            yield tag

    def _fits(self, tag: Tag) -> bool:
        if _OF_A_DIGEST.fullmatch(tag.name):
            return False
        if self.patterns and not any(fnmatchcase(tag.name, pattern) for pattern in self.patterns):
            return False
        version = Version.find(tag.name)
        return self.versions is None or (version is not None and version in self.versions)


@dataclass(frozen=True, slots=True)
class Listing:
    """A repository or another place, and which of its tags."""

    place: Place
    tags: TagFilter = field(default_factory=TagFilter)
    source: str = ""
    platforms: tuple[Platform, ...] | None = None


def named(
    text: str, tags: TagFilter, *, source: str = "", platforms: tuple[Platform, ...] | None = None
) -> Subject | Listing:
    """What a word names: with a tag or digest that one, without one the whole place. Raises UsageError."""
    reference = Reference.parse(text)
    if _is_one(reference, text):
        return Subject(reference, source, platforms)
    return Listing(reference.place, tags, source, platforms)


def _is_one(reference: Reference, text: str) -> bool:
    """Whether a tag or digest was written; in a registry's name `latest` is filled in where none was."""
    if isinstance(reference.place, Repository):
        return "@" in text or ":" in text.rpartition("/")[2]
    return bool(reference.tag or reference.digest or reference.name)


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `total` parts of a run, counted from 1. Which part a name is in depends on the name alone."""

    number: int = 1
    total: int = 1

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Reads `3/8`. Raises UsageError."""
        number, slash, total = text.partition("/")
        if not slash or not number.isdecimal() or not total.isdecimal() or not 1 <= int(number) <= int(total):
            raise UsageError(f"--shard {text}", "is no part of a whole", "write it as 3/8, from 1/8 to 8/8")
        return cls(int(number), int(total))

    def __contains__(self, reference: Reference) -> bool:
        from zlib import crc32  # the same on every machine, unlike hash()

        return crc32(str(reference).encode()) % self.total == self.number - 1
