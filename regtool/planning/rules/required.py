"""RT6: what the user requires."""

from collections.abc import Iterator

from regtool.planning.fallback import fallback
from regtool.planning.rules.facts import Facts
from regtool.planning.rules.finding import Fact, Rule, Severity


def _lacking(facts: Facts) -> Iterator[tuple[str, str]]:
    """The required platforms that nothing here was built for, and what runs there instead, if anything does."""
    offers = facts.offers
    for wanted in facts.expect.platforms if _is_comparable(facts) else ():
        if not any(offer.satisfies(wanted) for offer in offers):
            yield str(wanted), str(fallback(wanted, offers) or "")


def _required(facts: Facts) -> Iterator[Fact]:
    for wanted, instead in _lacking(facts):
        if not instead:
            has = ", ".join(map(str, facts.offers)) or "nothing that works"
            yield Fact(f"has no image for {wanted}; it has {has}")


def _by_fallback(facts: Facts) -> Iterator[Fact]:
    for wanted, instead in _lacking(facts):
        if instead:
            yield Fact(f"has no image for {wanted}; machines of that kind run the one for {instead}")


def _surplus(facts: Facts) -> Iterator[Fact]:
    wanted = facts.expect.platforms
    for offer in facts.offers if facts.expect.exact and wanted and _is_comparable(facts) else ():
        if not any(offer.satisfies(platform) for platform in wanted):
            yield Fact(f"has an image for {offer}, which is not among the required platforms")


def _is_comparable(facts: Facts) -> bool:
    return facts.fault is None and not facts.is_artifact


RULES = (
    Rule(code="RT601", name="platform-lacking", severity=Severity.ERROR, check=_required,
         title="A required platform is not offered"),
    Rule(code="RT602", name="platform-by-fallback", severity=Severity.WARNING, check=_by_fallback,
         title="A required platform runs the image of another"),
    Rule(code="RT603", name="platform-surplus", severity=Severity.ERROR, check=_surplus,
         title="A platform is offered that is not required"),
)  # fmt: skip
