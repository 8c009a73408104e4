"""The matrix for the terminal: names down, platforms across, then the findings one by one."""

import re
from collections.abc import Iterator
from itertools import pairwise

from regtool.cli.render.audit.report import Report
from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.operations.audit.record import Audited, Offer, Problem
from regtool.transport.visible import visible
from regtool.values import dataclass

SIGNS = {Offer.WORKS: "✓", Offer.BROKEN: "✗", Offer.FALLBACK: "~", Offer.LACKING: "-"}
PLAIN_SIGNS = {Offer.WORKS: "y", Offer.BROKEN: "X", Offer.FALLBACK: "~", Offer.LACKING: "-"}
LEGEND = "works", "does not work", "only runs the image of another platform", "required and lacking"

_DIGEST = re.compile(r"(sha\d+:[0-9a-f]{12})[0-9a-f]+$")
_SGR = {"red": 31, "green": 32, "yellow": 33, "cyan": 36}  # ECMA-48, 8.3.117
_COLOURS = {Offer.WORKS: "green", Offer.BROKEN: "red", Offer.FALLBACK: "yellow", Offer.LACKING: "red"}
_SEVERITIES = {"error": "red", "warning": "yellow", "note": "cyan"}


@dataclass(frozen=True, slots=True)
class Look:
    """What the terminal can show."""

    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, colour: str | None) -> str:
        """`text` in a colour, where there are colours."""
        return f"\x1b[{_SGR[colour]}m{text}\x1b[0m" if self.colour and colour else text

    def heading(self, text: str) -> str:
        """`text` as it stands over others."""
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text

    @property
    def signs(self) -> dict[Offer, str]:
        """The signs in the cells."""
        return SIGNS if self.unicode else PLAIN_SIGNS


def matrix(report: Report, look: Look) -> Iterator[str]:
    """The matrix, and below it every finding with the repair that there is."""
    columns = platforms_of(report)
    yield from _one_by_one(report, columns, look) if _is_fleet(report) else _by_repository(report, columns, look)
    if columns:
        signs = "  ".join(f"{sign} {word}" for sign, word in zip(look.signs.values(), LEGEND, strict=True))
        yield f"\n{signs}\n"
    for record in report.records:
        yield from _details(record, look)


def _is_fleet(report: Report) -> bool:
    """Whether no two names next to each other are of one repository, so that its name would only be in the way."""
    repositories = (split(record.reference)[0] for record in report.records)
    pairs = pairwise(repositories)
    first = next(pairs, None)
    return first is not None and first[0] != first[1] and all(one != other for one, other in pairs)


def _one_by_one(report: Report, columns: list[str], look: Look) -> Iterator[str]:
    """Rows with full names."""
    width = max((len(_short(record.reference)) for record in report.records), default=0)
    yield from _head(columns, width)
    for record in report.records:
        yield _row(record, _short(record.reference).ljust(width), columns, look)


def _by_repository(report: Report, columns: list[str], look: Look) -> Iterator[str]:
    """Rows with tags or digests, below the repository that they are of."""
    width = max((len(_name(record)) for record in report.records), default=0)
    repository = ""
    for record in report.records:
        where, _, _ = split(record.reference)
        if where != repository:
            yield ("\n" if repository else "") + look.heading(visible(where)) + "\n"
            yield from _head(columns, width)
            repository = where
        yield _row(record, _name(record).ljust(width), columns, look)


def _head(columns: list[str], width: int) -> Iterator[str]:
    if columns:
        yield f"{' ' * (width + 4)}{'  '.join(map(visible, columns))}\n"


def platforms_of(report: Report) -> list[str]:
    """Every platform of the report, in the order of a written list."""
    names = dict.fromkeys(name for record in report.records for name, _ in record.platforms)
    return sorted(names, key=_order)


def split(reference: str) -> tuple[str, str, str]:
    """Repository, separator, and the tag or digest behind it."""
    named, at, digest = reference.partition("@")
    head, colon, tag = named.rpartition(":")
    if not colon or "/" in tag:
        return named, at, digest
    return head, colon, f"{tag}{at}{digest}"


def _row(record: Audited, name: str, columns: list[str], look: Look) -> str:
    offers = dict(record.platforms)
    if record.error:
        return f"  {name}  {look.paint(visible(record.error[1].removeprefix(f'{record.reference}: ')), 'red')}\n"
    cells = [_cell(offers.get(name), len(visible(name)), look) for name in columns]
    codes = " ".join(dict.fromkeys(problem.code for problem in record.problems))
    kind = "" if record.platforms or codes else f"({record.kind})"
    return f"  {name}  {'  '.join([*cells, codes, kind]).rstrip()}\n"


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
    return _short(split(record.reference)[2])


def _short(name: str) -> str:
    """A name to be shown, its digest shortened."""
    return visible(_DIGEST.sub(r"\1", name))


def _order(name: str) -> tuple[object, ...]:
    """What a list says of itself may be anything: what is no platform stands last."""
    try:
        return 0, *Platform.parse(name).order
    except UsageError:
        return 1, name
