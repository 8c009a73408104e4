"""RT2: what the rows point at."""

from collections.abc import Iterator

from regtool.planning.repairs import DropRow, Refill, SetMediaType, SetSize
from regtool.planning.rules.facts import Facts
from regtool.planning.rules.finding import Fact, Rule, Severity


def _missing(facts: Facts) -> Iterator[Fact]:
    for leg in facts.legs:
        if leg.missing:
            yield Fact("is not in the registry, so pulls of it fail", leg, DropRow(leg.position))


def _wrong_size(facts: Facts) -> Iterator[Fact]:
    for leg in facts.legs:
        if leg.child and leg.child.size != leg.entry.size:
            what = f"is {leg.child.size} bytes, but the list says {leg.entry.size}"
            yield Fact(what, leg, SetSize(leg.position, leg.child.size))


def _wrong_type(facts: Facts) -> Iterator[Fact]:
    for leg in facts.legs:
        if leg.child and leg.child.media_type != leg.entry.media_type:
            what = f"is {leg.child.media_type}, but the list says {leg.entry.media_type}"
            yield Fact(what, leg, SetMediaType(leg.position, leg.child.media_type))


def _unreadable(facts: Facts) -> Iterator[Fact]:
    for leg in facts.legs:
        if leg.child and leg.child.fault and not leg.child.fault.ambiguous:
            yield Fact(leg.child.fault.why, leg)


def _content_missing(facts: Facts) -> Iterator[Fact]:
    for leg in facts.legs:
        if leg.child and leg.child.lacking:
            names = ", ".join(f"{blob.digest.algorithm}:{blob.digest.short}" for blob in leg.child.lacking)
            what = f"needs content that is not in the registry: {names}"
            yield Fact(what, leg, Refill(tuple(blob.digest for blob in leg.child.lacking)))


def _foreign(facts: Facts) -> Iterator[Fact]:
    for leg in facts.legs:
        count = len(leg.child.foreign) if leg.child else 0
        if leg.entry.urls:
            yield Fact(f"is to be fetched from elsewhere ({leg.entry.urls[0]}), which clients refuse or forget", leg)
        elif count:
            yield Fact(f"has {count} layers that clients fetch from elsewhere, so mirrors lack them", leg)


RULES = (
    Rule(code="RT201", name="child-missing", severity=Severity.ERROR, check=_missing, mends=True,
         title="A row points at nothing"),
    Rule(code="RT202", name="wrong-size", severity=Severity.ERROR, check=_wrong_size, mends=True,
         title="A row says a wrong size"),
    Rule(code="RT203", name="wrong-type", severity=Severity.ERROR, check=_wrong_type, mends=True,
         title="A row says a wrong media type"),
    Rule(code="RT204", name="child-unreadable", severity=Severity.ERROR, check=_unreadable,
         title="What a row points at is no valid document"),
    Rule(code="RT205", name="content-missing", severity=Severity.ERROR, check=_content_missing, mends=True,
         title="An image lacks a layer or its configuration"),
    Rule(code="RT206", name="foreign-urls", severity=Severity.WARNING, check=_foreign,
         title="Content is to be fetched from elsewhere"),
)  # fmt: skip
