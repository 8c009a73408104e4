"""The matrix for the terminal: names down, platforms across, then the findings one by one."""

from collections.abc import Iterator

import typer

from regtool.cli.render.audit.report import Report
from regtool.model.platform import Platform
from regtool.operations.audit.record import Audited, Offer, Problem
from regtool.transport.visible import visible
from regtool.values import dataclass

SIGNS = {Offer.WORKS: "✓", Offer.BROKEN: "✗", Offer.FALLBACK: "~", Offer.LACKING: "-"}
PLAIN_SIGNS = {Offer.WORKS: "y", Offer.BROKEN: "X", Offer.FALLBACK: "~", Offer.LACKING: "-"}
LEGEND = "works", "does not work", "only runs the image of another platform", "required and lacking"

_COLOURS = {Offer.WORKS: "green", Offer.BROKEN: "red", Offer.FALLBACK: "yellow", Offer.LACKING: "red"}
_SEVERITIES = {"error": "red", "warning": "yellow", "note": "cyan"}


@dataclass(frozen=True, slots=True)
class Look:
    """What the terminal can show."""

    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, colour: str | None) -> str:
        """`text` in a colour, where there are colours."""
        return typer.style(text, fg=colour) if self.colour and colour else text

    def heading(self, text: str) -> str:
        """`text` as it stands over others."""
        return typer.style(text, bold=True) if self.colour else text

    @property
    def signs(self) -> dict[Offer, str]:
        """The signs in the cells."""
        return SIGNS if self.unicode else PLAIN_SIGNS


def matrix(report: Report, look: Look) -> Iterator[str]:
    """The matrix, and below it every finding with the repair that there is."""
    columns = platforms_of(report)
    width = max((len(_name(record)) for record in report.records), default=0)
    repository = ""
    for record in report.records:
        where, _, _ = split(record.reference)
        if where != repository:
            yield ("\n" if repository else "") + look.heading(visible(where)) + "\n"
            yield "".join([" " * (width + 4), *(f"{name}  " for name in columns)]).rstrip() + "\n"
            repository = where
        yield _row(record, columns, width, look)
    if columns:
        signs = "  ".join(f"{sign} {word}" for sign, word in zip(look.signs.values(), LEGEND, strict=True))
        yield f"\n{signs}\n"
    for record in report.records:
        yield from _details(record, look)


def platforms_of(report: Report) -> list[str]:
    """Every platform of the report, in the order of a written list."""
    names = dict.fromkeys(name for record in report.records for name, _ in record.platforms)
    return sorted(names, key=_order)


def split(reference: str) -> tuple[str, str, str]:
    """Repository, separator, and the tag or digest behind it."""
    if "@" in reference:
        return reference.partition("@")
    head, colon, tag = reference.rpartition(":")
    return (head, colon, tag) if colon and "/" not in tag else (reference, "", "")


def _row(record: Audited, columns: list[str], width: int, look: Look) -> str:
    offers = dict(record.platforms)
    if record.error:
        return f"  {_name(record).ljust(width)}  {look.paint(visible(record.error[1]), 'red')}\n"
    cells = [_cell(offers.get(name), len(name), look) for name in columns]
    codes = " ".join(dict.fromkeys(problem.code for problem in record.problems))
    kind = "" if record.platforms or codes else f"({record.kind})"
    return f"  {_name(record).ljust(width)}  {'  '.join([*cells, codes, kind]).rstrip()}\n"


def _cell(offer: Offer | None, width: int, look: Look) -> str:
    if offer is None:
        return " " * width
    return look.paint(look.signs[offer], _COLOURS[offer]) + " " * (width - 1)


def _details(record: Audited, look: Look) -> Iterator[str]:
    if not record.problems:
        return
    source = f"  ({visible(record.source)})" if record.source else ""
    yield f"\n{look.heading(visible(record.reference))}{source}\n"
    for problem in record.problems:
        yield _problem(problem, look)


def _problem(problem: Problem, look: Look) -> str:
    severity = look.paint(problem.severity.value.ljust(7), _SEVERITIES[problem.severity.value])
    repair = f"\n{' ' * 18}repair: {visible(problem.repair)}" if problem.repair else ""
    return f"  {severity}  {problem.code}  {visible(str(problem))}{repair}\n"


def _name(record: Audited) -> str:
    _, _, name = split(record.reference)
    algorithm, colon, digest = name.partition(":")
    return visible(f"{algorithm}:{digest[:12]}" if colon else name)


def _order(name: str) -> tuple[object, ...]:
    return Platform.parse(name).order
