"""A finding, and the rule that it comes from."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from regtool.planning.repairs import Repair
from regtool.planning.rules.facts import Facts, Leg
from regtool.values import dataclass


class Severity(StrEnum):
    """How bad it is: an error breaks a pull or tells a lie, a warning will surprise somebody, a note is to be known."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def weight(self) -> int:
        """The higher, the worse."""
        return ("note", "warning", "error").index(self.value)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. `where` names the row, empty for the whole; `repair` is None if people must decide."""

    code: str
    severity: Severity
    where: str
    message: str
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """What a rule says: the message, the row if it is about one, and what would mend it."""

    message: str
    leg: Leg | None = None
    repair: Repair | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong. `code` and `name` are stable; `default` says whether it is looked for unasked.

    `mends` says whether a repair exists at least for some of its findings.
    """

    code: str
    name: str
    severity: Severity
    title: str
    check: Callable[[Facts], Iterator[Fact]]
    mends: bool = False
    default: bool = True

    def findings(self, facts: Facts) -> Iterator[Finding]:
        """What this rule finds."""
        for found in self.check(facts):
            where = str(found.leg) if found.leg and facts.index else ""
            yield Finding(self.code, self.severity, where, found.message, found.repair)
