"""RT3: which platforms the rows name. Only lists have these labels; a single image is what it is."""

from collections.abc import Iterator
from dataclasses import replace

from regtool.model.platform import Platform
from regtool.planning.repairs import DropRow, SetPlatform
from regtool.planning.rules.facts import Facts, Leg
from regtool.planning.rules.finding import Fact, Rule, Severity


def _rows(facts: Facts) -> Iterator[tuple[Leg, Platform]]:
    """The rows of a list that name a platform to run on."""
    for leg in facts.images if facts.index else ():
        if leg.label:
            yield leg, leg.label


def _unlabelled(facts: Facts) -> Iterator[Fact]:
    for leg in facts.images if facts.index else ():
        if leg.label is None and leg.truth:
            what = f"is an image for {leg.truth}, but the list names no platform for it"
            yield Fact(what, leg, SetPlatform(leg.position, leg.truth.spelled_out()))


def _mislabelled(facts: Facts) -> Iterator[Fact]:
    for leg, _ in _rows(facts):
        if leg.contradicts and leg.truth:
            what = f"is an image for {leg.truth}, not for {leg.label}"
            yield Fact(what, leg, SetPlatform(leg.position, leg.truth.spelled_out()))


def _misspelt(facts: Facts) -> Iterator[Fact]:
    for leg, label in _rows(facts):
        if label.spelled_out() != label:
            what = f"is spelled {label}, which no client looks for; it is {label.normalized()}"
            yield Fact(what, leg, SetPlatform(leg.position, label.normalized()))


def _redundant(facts: Facts) -> Iterator[Fact]:
    for leg, label in _rows(facts):
        plain = label.normalized()
        if label.spelled_out() == label and not _usual(label, plain):
            yield Fact(
                f"is written {label} where everybody writes {plain}, and clients that compare exactly miss it",
                leg,
                SetPlatform(leg.position, plain),
            )


def _usual(label: Platform, plain: Platform) -> bool:
    """Whether this variant is one that people write: `arm64/v8` is, and `arm` alone has a rule of its own."""
    return plain == label or not label.variant or (label.architecture, label.variant) == ("arm64", "v8")


def _duplicate(facts: Facts) -> Iterator[Fact]:
    first: dict[object, Leg] = {}
    for leg, label in _rows(facts):
        other = first.setdefault(label.slot, leg)
        if other is leg:
            continue
        if other.entry.digest == leg.entry.digest:
            yield Fact(f"repeats manifests[{other.position}]", leg, DropRow(leg.position))
        else:
            what = f"is another image for {label} than manifests[{other.position}]; clients take the first"
            yield Fact(what, leg)


def _arm_without_variant(facts: Facts) -> Iterator[Fact]:
    for leg, label in _rows(facts):
        if label.architecture == "arm" and not label.variant:
            known = leg.truth.variant if leg.truth and not leg.contradicts else ""
            mend = SetPlatform(leg.position, replace(label, variant=known)) if known else None
            yield Fact("names no Arm variant, and is taken for v7, which a v6 machine does not run", leg, mend)


def _windows_without_version(facts: Facts) -> Iterator[Fact]:
    for leg, label in _rows(facts):
        if label.os == "windows" and not label.os_version:
            known = leg.truth.os_version if leg.truth and not leg.contradicts else ""
            mend = SetPlatform(leg.position, replace(label, os_version=known)) if known else None
            yield Fact("names no os.version, so a host cannot tell whether it can run it", leg, mend)


RULES = (
    Rule(code="RT301", name="no-platform", severity=Severity.ERROR, check=_unlabelled, mends=True,
         title="A row names no platform"),
    Rule(code="RT302", name="wrong-platform", severity=Severity.ERROR, check=_mislabelled, mends=True,
         title="A row names another platform than its image"),
    Rule(code="RT303", name="misspelt-platform", severity=Severity.ERROR, check=_misspelt, mends=True,
         title="A platform is spelled as no client looks for it"),
    Rule(code="RT304", name="redundant-variant", severity=Severity.WARNING, check=_redundant, mends=True,
         title="A platform has a variant that says nothing"),
    Rule(code="RT305", name="duplicate-platform", severity=Severity.ERROR, check=_duplicate, mends=True,
         title="Two rows are for one platform"),
    Rule(code="RT306", name="arm-variant", severity=Severity.WARNING, check=_arm_without_variant, mends=True,
         title="An Arm row names no variant"),
    Rule(code="RT307", name="windows-version", severity=Severity.WARNING, check=_windows_without_version, mends=True,
         title="A Windows row names no os.version"),
)  # fmt: skip
