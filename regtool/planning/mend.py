"""Repairing a list until nothing is left that can be repaired."""

from collections.abc import Callable, Iterable

from regtool.planning.repairs import DropRow, Refill, Repair, SplitFamilies, repaired
from regtool.planning.rules.catalogue import Selection, judge
from regtool.planning.rules.facts import Facts
from regtool.planning.rules.finding import Finding
from regtool.values import dataclass

# Each round mends what the one before brought to light, as a row that is gone leaves its attestations behind.
_ROUNDS = 16


@dataclass(frozen=True, slots=True)
class Mended:
    """The facts as they will be, the findings that were repaired in order, and those that are left."""

    facts: Facts
    made: tuple[Finding, ...]
    left: tuple[Finding, ...]


def mend(facts: Facts, selection: Selection, allowed: Callable[[Finding], bool] = lambda _: True) -> Mended:
    """Makes every repair of the selected rules that `allowed` lets pass. Pure: nothing is written anywhere.

    Refills and splits are not made here: they change a registry or the number of lists, not the list.
    """
    made: list[Finding] = []
    for _ in range(_ROUNDS):
        due = [one for one in judge(facts, selection) if _is_edit(one.repair) and allowed(one)]
        if not due or facts.index is None:
            break
        due = _one_a_row(due)
        facts = facts.with_index(repaired(facts.index, (one.repair for one in due if one.repair)))
        made += due
    return Mended(facts, tuple(made), judge(facts, selection))


def _is_edit(repair: Repair | None) -> bool:
    return repair is not None and not isinstance(repair, Refill | SplitFamilies)


def _one_a_row(findings: Iterable[Finding]) -> list[Finding]:
    """One repair a row and round, a drop before all others; two that speak of one platform could contradict."""
    chosen: dict[object, Finding] = {}
    for finding in findings:
        row = getattr(finding.repair, "position", finding.repair)
        if row not in chosen or isinstance(finding.repair, DropRow):
            chosen[row] = finding
    return list(chosen.values())
