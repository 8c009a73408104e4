"""RT1: the document itself."""

from collections.abc import Iterator

from regtool.documents.manifest import MAX_MANIFEST
from regtool.model import media_type as types
from regtool.planning.repairs import DropAnnotations, SetListType, SplitFamilies
from regtool.planning.rules.facts import Facts
from regtool.planning.rules.finding import Fact, Rule, Severity


def _ambiguous(facts: Facts) -> Iterator[Fact]:
    if facts.fault and facts.fault.ambiguous:
        yield Fact(facts.fault.why)
    for leg in facts.legs:
        if leg.child and leg.child.fault and leg.child.fault.ambiguous:
            yield Fact(leg.child.fault.why, leg)


def _too_large(facts: Facts) -> Iterator[Fact]:
    if facts.descriptor.size > MAX_MANIFEST:
        yield Fact(f"is {facts.descriptor.size} bytes, more than the {MAX_MANIFEST} that registries and clients take")


def _unreadable(facts: Facts) -> Iterator[Fact]:
    if facts.fault and not facts.fault.ambiguous:
        yield Fact(facts.fault.why)


def _nested(facts: Facts) -> Iterator[Fact]:
    for leg in facts.legs if facts.index else ():
        if leg.entry.is_index or (leg.child and types.is_index(leg.child.media_type)):
            yield Fact("is a list within the list, where most clients find no image", leg)


def _docker_list_of_others(facts: Facts) -> Iterator[Fact]:
    if facts.index is None or not types.is_docker(facts.descriptor.media_type):
        return
    foreign = [leg for leg in facts.legs if not types.is_docker(_real_type(leg.entry.media_type, leg.child))]
    if foreign:
        what = f"is a Docker manifest list with {len(foreign)} entries that are OCI's, as {foreign[0]}"
        yield Fact(what, repair=SetListType(types.OCI_INDEX))


def _two_families(facts: Facts) -> Iterator[Fact]:
    if facts.index is None:
        return
    kinds = {types.is_docker(_real_type(leg.entry.media_type, leg.child)) for leg in facts.images}
    if len(kinds) > 1:
        yield Fact("has images of Docker's and of OCI's type, which some registries refuse", repair=SplitFamilies())


def _annotated_docker_list(facts: Facts) -> Iterator[Fact]:
    if facts.index and facts.index.annotations and types.is_docker(facts.descriptor.media_type):
        names = ", ".join(sorted(facts.index.annotations)[:3])
        yield Fact(f"has annotations ({names}), which a Docker manifest list cannot have", repair=DropAnnotations())


def _no_list(facts: Facts) -> Iterator[Fact]:
    if facts.index is None and facts.legs and not facts.is_artifact:
        truth = facts.legs[0].truth
        yield Fact(f"is one image{f' for {truth}' if truth else ''}, not a list")


def _real_type(claimed: str, child: object) -> str:
    return getattr(child, "media_type", claimed)


RULES = (
    Rule(code="RT101", name="ambiguous-json", severity=Severity.ERROR, check=_ambiguous,
         title="A document means two things to two readers"),
    Rule(code="RT102", name="too-large", severity=Severity.ERROR, check=_too_large,
         title="A list is larger than registries and clients take"),
    Rule(code="RT103", name="unreadable", severity=Severity.ERROR, check=_unreadable,
         title="What the tag points at is no valid document"),
    Rule(code="RT104", name="nested-list", severity=Severity.WARNING, check=_nested,
         title="A list holds a list"),
    Rule(code="RT105", name="docker-list-of-oci", severity=Severity.ERROR, check=_docker_list_of_others, mends=True,
         title="A Docker manifest list holds OCI content"),
    Rule(code="RT106", name="two-families", severity=Severity.WARNING, check=_two_families, mends=True,
         title="Docker and OCI images are mixed in one list"),
    Rule(code="RT107", name="docker-annotations", severity=Severity.WARNING, check=_annotated_docker_list, mends=True,
         title="A Docker manifest list has annotations"),
    Rule(code="RT108", name="no-list", severity=Severity.NOTE, check=_no_list, default=False,
         title="A tag is a single image, not a list"),
)  # fmt: skip
