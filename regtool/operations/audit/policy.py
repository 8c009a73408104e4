"""What a team holds its images to: `[audit]` of regtool.toml.

[audit]
require = ["linux/amd64", "linux/arm64"]
ignore = ["RT502"]

[[audit.override]]
match = "*/tools/*:nightly-*"
ignore = ["RT501"]
"""

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

from regtool.errors import StorageError, UsageError
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations.audit.subject import Subject
from regtool.planning.rules.catalogue import Selection
from regtool.planning.rules.facts import Expectation
from regtool.planning.rules.finding import Severity
from regtool.values import dataclass

FILE = "regtool.toml"


@dataclass(frozen=True, slots=True)
class Override:
    """What holds for the names that fit `match`, a pattern of `host/path:tag`."""

    match: str
    ignore: tuple[str, ...] = ()
    require: tuple[Platform, ...] | None = None

    @classmethod
    def of(cls, match: str, ignore: Sequence[str], require: Sequence[str] | None) -> Self:
        """Reads rules and platforms. Raises UsageError for what is none."""
        Selection(ignore=tuple(ignore))  # refuses what is no rule
        return cls(match, tuple(ignore), None if require is None else _platforms(require))

    def fits(self, reference: Reference) -> bool:
        """Whether this is about a name."""
        return fnmatchcase(str(reference), self.match)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which rules count, what is expected, and from which severity on a finding makes a run fail."""

    selection: Selection = field(default_factory=Selection)
    expect: Expectation = field(default_factory=Expectation)
    overrides: tuple[Override, ...] = ()
    fail_on: Severity = Severity.WARNING

    @classmethod
    def parse(cls, text: str, name: str) -> Self:
        """Reads a file called `name`. Raises UsageError that says what is wrong where."""
        from regtool.operations.audit.policy_table import read_table

        table = read_table(text, name)
        try:
            return cls(
                selection=Selection(tuple(table.select), tuple(table.ignore)),
                expect=Expectation(
                    platforms=_platforms(table.require), exact=table.exact, gap=timedelta(days=table.max_days_apart)
                ),
                overrides=tuple(Override.of(one.match, one.ignore, one.require) for one in table.override),
                fail_on=table.fail_on,
            )
        except UsageError as wrong:
            raise UsageError(f"{name}: {wrong.what}", wrong.why, wrong.hint) from None

    @classmethod
    def load(cls, file: Path | None) -> Self:
        """The policy in `file`; without one that of the current folder, and if there is none either, none at all."""
        path = file or Path(FILE)
        try:
            return cls.parse(path.read_text(encoding="utf-8"), str(path))
        except FileNotFoundError:
            if file is None:
                return cls()
            raise StorageError(str(file), "is not there") from None
        except OSError as reason:
            raise StorageError(str(path), f"cannot be read: {reason.strerror or reason}") from None
        except UnicodeDecodeError:
            raise UsageError(str(path), "is not UTF-8 text") from None

    def adjusted(
        self,
        *,
        require: Sequence[str] = (),
        exact: bool = False,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        fail_on: Severity | None = None,
    ) -> Self:
        """The policy with what one run wants otherwise. What it ignores is added, the rest takes the place."""
        chosen = Selection(_words(select) or self.selection.select, (*self.selection.ignore, *_words(ignore)))
        platforms = tuple(map(Platform.parse, _words(require))) or self.expect.platforms
        if exact and not platforms:
            raise UsageError("--exact", "needs to know the platforms", "name them with --require")
        expect = replace(self.expect, platforms=platforms, exact=exact or self.expect.exact)
        return replace(self, selection=chosen, expect=expect, fail_on=fail_on or self.fail_on)

    def for_subject(self, subject: Subject) -> tuple[Selection, Expectation]:
        """The rules and the expectation for one name. What its source says of platforms goes before all else."""
        selection, platforms = self.selection, self.expect.platforms
        for override in self.overrides:
            if override.fits(subject.reference):
                selection = selection.without(override.ignore)
                platforms = platforms if override.require is None else override.require
        if subject.platforms is not None:
            platforms = subject.platforms
        return selection, replace(self.expect, platforms=platforms)


def _platforms(words: Sequence[str]) -> tuple[Platform, ...]:
    return tuple(map(Platform.parse, words))


def _words(texts: Sequence[str]) -> tuple[str, ...]:
    """The words of options that may be repeated, and may hold several with commas between."""
    return tuple(word.strip() for text in texts for word in text.split(",") if word.strip())
