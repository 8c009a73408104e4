"""RT5: whether the images of a list belong together."""

from collections.abc import Iterator
from datetime import UTC, datetime

from regtool.planning.rules.facts import Facts, Leg
from regtool.planning.rules.finding import Fact, Rule, Severity

# Reproducible builds say 1970, 1980 (the start of zip's time) or year 1: that is no time at which anything was built.
_REAL = datetime(1990, 1, 1, tzinfo=UTC)


def _mixed_revisions(facts: Facts) -> Iterator[Fact]:
    by_revision: dict[str, list[Leg]] = {}
    for leg in facts.images:
        if leg.child and leg.child.revision:
            by_revision.setdefault(leg.child.revision, []).append(leg)
    if len(by_revision) > 1:
        parts = (f"{', '.join(_name(leg) for leg in legs)} of {known[:12]}" for known, legs in by_revision.items())
        yield Fact(f"has images of {len(by_revision)} revisions: {'; '.join(parts)}")


def _far_apart(facts: Facts) -> Iterator[Fact]:
    built = [(leg.child.created, leg) for leg in facts.images if leg.child and leg.child.created]
    real = sorted(((when, leg) for when, leg in built if when > _REAL), key=lambda pair: pair[0])
    if real and real[-1][0] - real[0][0] > facts.expect.gap:
        (first, oldest), (last, newest) = real[0], real[-1]
        days = (last - first).total_seconds() / 86400
        yield Fact(f"has images built {days:.1f} days apart: {_name(oldest)} {first:%F}, {_name(newest)} {last:%F}")


def _twin(facts: Facts) -> Iterator[Fact]:
    if facts.twin:
        yield Fact(f"is the same as {facts.twin}")


def _name(leg: Leg) -> str:
    return str(leg.label or leg.truth or leg.entry.digest.short)


RULES = (
    Rule(code="RT501", name="mixed-revisions", severity=Severity.WARNING, check=_mixed_revisions,
         title="The images of a list are of different revisions"),
    Rule(code="RT502", name="far-apart", severity=Severity.WARNING, check=_far_apart,
         title="The images of a list were built far apart"),
    Rule(code="RT503", name="same-as", severity=Severity.NOTE, check=_twin, default=False,
         title="A tag has the same content as another"),
)  # fmt: skip
