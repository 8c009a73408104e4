"""Tables for other programs: CSV for spreadsheets, Markdown for pull requests."""

import csv
import io
import re
from collections.abc import Iterator

from regtool.cli.render.audit.matrix import SIGNS, platforms_of
from regtool.cli.render.audit.report import Report
from regtool.operations.audit.record import Audited
from regtool.transport.visible import visible

_HEADER = ("reference", "source", "digest", "kind", "platforms", "code", "severity", "where", "message", "repair")
_FORMULA = ("=", "+", "-", "@")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#])")


def as_csv(report: Report) -> Iterator[str]:
    """One line for each finding, and one for each name without any (RFC 4180)."""
    yield _csv_line(_HEADER)
    for record in report.records:
        head = (record.reference, record.source, record.digest, record.kind, _offers(record))
        if record.error:
            yield _csv_line((*head, record.error[0], "unseen", "", record.error[1], ""))
        for problem in record.problems:
            found = (problem.code, problem.severity.value, problem.where, problem.message, problem.repair or "")
            yield _csv_line((*head, *found))
        if not record.problems and not record.error:
            yield _csv_line((*head, "", "", "", "", ""))


def as_markdown(report: Report) -> Iterator[str]:
    """The matrix and the findings, as GitHub and GitLab show them."""
    columns = platforms_of(report)
    yield f"**{report.tally.words}**\n\n"
    yield _line(["name", *map(_text, columns), "findings"]) + _line(["---"] * (len(columns) + 2))
    for record in report.records:
        offers = dict(record.platforms)
        codes = " ".join(dict.fromkeys(problem.code for problem in record.problems))
        signs = (SIGNS[offers[name]] if name in offers else "" for name in columns)
        yield _line([_code(record.reference), *signs, _text(record.error[1]) if record.error else codes])
    if any(record.problems for record in report.records):
        yield "\n" + _line(["name", "code", "severity", "finding", "repair"]) + _line(["---"] * 5)
    for record in report.records:
        for problem in record.problems:
            cells = (problem.severity.value, _text(str(problem)), _text(problem.repair or ""))
            yield _line([_code(record.reference), problem.code, *cells])


def _offers(record: Audited) -> str:
    return " ".join(f"{name}={offer.value}" for name, offer in record.platforms)


def _csv_line(cells: tuple[str, ...]) -> str:
    """A line in which no spreadsheet finds a formula."""
    line = io.StringIO()
    safe = (f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in map(visible, cells))
    csv.writer(line, lineterminator="\n").writerow(safe)
    return line.getvalue()


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _text(text: str) -> str:
    return _MARKUP.sub(r"\\\1", visible(text))


def _code(text: str) -> str:
    return f"`{visible(text).replace('`', '').replace('|', '')}`"
