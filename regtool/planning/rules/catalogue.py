"""All rules, and which of them are looked for."""

from collections.abc import Iterable
from functools import cache

from regtool.errors import UsageError
from regtool.planning.rules import attestations, children, document, legs, platforms, required
from regtool.planning.rules.facts import Facts
from regtool.planning.rules.finding import Finding, Rule
from regtool.values import dataclass

ALL = "ALL"
RULES: tuple[Rule, ...] = tuple(
    rule for family in (document, children, platforms, attestations, legs, required) for rule in family.RULES
)
BY_CODE = {rule.code: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules are looked for: by code, the beginning of one (`RT3`), name (`wrong-size`), or `ALL`.

    Without `select` the default ones are. What is in `ignore` is not, whatever `select` says.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for word in (*self.select, *self.ignore):
            if not any(_names(word, rule) for rule in RULES):
                raise UsageError(word, "is no rule", f"rules are RT101 to {RULES[-1].code}, RT1 and so on, or ALL")

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are looked for, in the order of their codes."""
        return _chosen(self.select, self.ignore)

    def without(self, ignore: Iterable[str]) -> "Selection":
        """The selection with more ignored."""
        return Selection(self.select, (*self.ignore, *ignore))


def judge(facts: Facts, selection: Selection) -> tuple[Finding, ...]:
    """What the selected rules find, in the order of their codes."""
    return tuple(finding for rule in selection.rules for finding in rule.findings(facts))


@cache
def _chosen(select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules of a selection; a run asks for the same ones for every name."""
    wanted = (rule for rule in RULES if (_any(select, rule) if select else rule.default))
    return tuple(rule for rule in wanted if not _any(ignore, rule))


def _any(words: tuple[str, ...], rule: Rule) -> bool:
    return any(_names(word, rule) for word in words)


def _names(word: str, rule: Rule) -> bool:
    upper = word.upper()
    return word == rule.name or upper == ALL or (upper.startswith("RT") and rule.code.startswith(upper))
