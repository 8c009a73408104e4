"""Which tags of a repository stay: the newest ones, the young ones, and those that nobody asked to look at."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from regtool.errors import UsageError
from regtool.model.reference import Tag
from regtool.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The rule. A tag falls if it matches one of `tags` (any, if empty) and neither `keep` nor `older` holds it.

    `keep` holds that many of the matching tags, the newest ones; `older` those whose image is not older than that.
    Without either, none falls.
    """

    keep: int | None = None
    older: timedelta | None = None
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.keep is not None and self.keep < 1:
            raise UsageError(f"--keep {self.keep}", "would keep no tag at all", "keep at least one")
        if self.tags and not self.is_set:
            raise UsageError(f"--tags {self.tags[0]}", "says where to look, not what falls", "add --keep or --older")

    @property
    def is_set(self) -> bool:
        """Whether any tag can fall."""
        return self.keep is not None or self.older is not None

    def concerns(self, tag: Tag) -> bool:
        """Whether the rule looks at this tag."""
        return self.is_set and (not self.tags or any(fnmatchcase(tag.name, pattern) for pattern in self.tags))

    def falling(self, created: Mapping[Tag, datetime | None], now: datetime) -> list[Tag]:
        """Of these tags, with the time when their image was made, those that fall. One without a time stays."""
        dated = {tag: time for tag, time in created.items() if time and self.concerns(tag)}
        newest_first = sorted(dated, key=lambda tag: (dated[tag], tag), reverse=True)
        fallen = newest_first[self.keep or 0 :]
        if self.older is not None:
            fallen = [tag for tag in fallen if now - dated[tag] > self.older]
        return sorted(fallen)
