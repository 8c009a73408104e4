"""JUnit XML, which every CI system shows: a test case for each name."""

from collections.abc import Iterator
from html import escape  # XML's escapes as well; those in `xml` bring an HTTP client along

from regtool.cli.render.audit.matrix import split
from regtool.cli.render.audit.report import Report, fails
from regtool.operations.audit.record import Audited, Problem
from regtool.planning.rules.finding import Severity
from regtool.transport.visible import visible


def as_junit(report: Report) -> Iterator[str]:
    """One suite. Findings that count are a failure, what could not be looked at is an error, the rest is output."""
    tally = report.tally
    counts = f'tests="{tally.names}" failures="{tally.failing}" errors="{tally.unseen}"'
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="regtool audit" {counts}>\n<testsuite name="regtool audit" {counts}>\n'
    for record in report.records:
        yield _case(record, tally.fail_on)
    yield "</testsuite>\n</testsuites>\n"


def _case(record: Audited, fail_on: Severity) -> str:
    repository, _, name = split(record.reference)
    head = f"<testcase classname={_attribute(repository)} name={_attribute(name or repository)}"
    if record.error:
        code, message = record.error
        return f"{head}><error type={_attribute(code)} message={_attribute(message)}/></testcase>\n"
    text = escape("\n".join(map(_line, record.problems)), quote=False)
    if fails(record, fail_on):
        first = next(problem for problem in record.problems if problem.severity.weight >= fail_on.weight)
        about = f"type={_attribute(first.code)} message={_attribute(str(first))}"
        return f"{head}><failure {about}>{text}</failure></testcase>\n"
    return f"{head}><system-out>{text}</system-out></testcase>\n" if text else f"{head}/>\n"


def _line(problem: Problem) -> str:
    return f"{problem.severity.value} {problem.code} {visible(str(problem))}"


def _attribute(text: str) -> str:
    return f'"{escape(visible(text))}"'
