"""RT4: attestations, which stand in a list beside the images that they are about."""

from collections.abc import Iterator

from regtool.planning.repairs import DropRow
from regtool.planning.rules.facts import Facts, Leg
from regtool.planning.rules.finding import Fact, Rule, Severity


def _attestations(facts: Facts) -> Iterator[Leg]:
    return (leg for leg in facts.legs if facts.index and leg.entry.is_attestation)


def _orphaned(facts: Facts) -> Iterator[Fact]:
    for leg in _attestations(facts):
        if leg.entry.attests is None:
            yield Fact("attests to nothing: it names no image", leg, DropRow(leg.position))


def _outside(facts: Facts) -> Iterator[Fact]:
    images = {leg.entry.digest for leg in facts.images}
    for leg in _attestations(facts):
        about = leg.entry.attests
        if about is not None and about not in images:
            yield Fact(f"attests to {about}, which is not in the list", leg, DropRow(leg.position))


RULES = (
    Rule(code="RT401", name="attests-nothing", severity=Severity.WARNING, check=_orphaned, mends=True,
         title="An attestation names no image"),
    Rule(code="RT402", name="attests-outside", severity=Severity.WARNING, check=_outside, mends=True,
         title="An attestation is about an image that is not in the list"),
)  # fmt: skip
