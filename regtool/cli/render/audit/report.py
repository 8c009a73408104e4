"""The records of a run, to be read as often as a form needs them, without being held in memory."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from pathlib import Path
from typing import Protocol

from regtool.cli.render.table import count
from regtool.errors import StorageError
from regtool.operations.audit.record import Audited
from regtool.planning.rules.finding import Severity
from regtool.values import dataclass

_IN_MEMORY = 4 * 1024 * 1024  # bytes; what is more goes to a temporary file


@dataclass(slots=True)
class Tally:
    """How many names were looked at, and what came of them. `fail_on` is from where on a finding counts as failure."""

    fail_on: Severity = Severity.WARNING
    names: int = 0
    failing: int = 0
    unseen: int = 0
    findings: "Counter[str]" = field(default_factory=Counter)

    def add(self, record: Audited) -> None:
        """Counts a record."""
        self.names += 1
        self.unseen += record.error is not None
        self.failing += fails(record, self.fail_on)
        self.findings.update(problem.severity.value for problem in record.problems)

    @property
    def words(self) -> str:
        """The counts for people."""
        clean = self.names - self.failing - self.unseen
        kinds = [count(number, name) for name, number in sorted(self.findings.items()) if number]
        found = f" ({', '.join(kinds)})" if kinds else ""
        unseen = f", {self.unseen} could not be looked at" if self.unseen else ""
        return f"{count(self.names, 'name')}: {clean} clean, {self.failing} with findings{found}{unseen}"


def fails(record: Audited, fail_on: Severity) -> bool:
    """Whether a name has a finding that counts."""
    return record.worst is not None and record.worst.weight >= fail_on.weight


class Records(Protocol):
    """Records that can be gone through again and again."""

    def __iter__(self) -> Iterator[Audited]: ...


@dataclass(frozen=True, slots=True)
class Report:
    """What a form is made from."""

    records: Records
    tally: Tally


class Spool:
    """Keeps the records of a run until all are there."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8")  # noqa: SIM115 - closed by `close`

    def add(self, record: Audited) -> None:
        """Keeps a record."""
        try:
            self._file.write(line_of(record))
        except OSError as reason:
            why = reason.strerror or str(reason)
            raise StorageError(tempfile.gettempdir(), f"cannot be written: {why}", "set TMPDIR") from None

    def close(self) -> None:
        """Forgets everything."""
        self._file.close()

    def __iter__(self) -> Iterator[Audited]:
        self._file.seek(0)
        for number, line in enumerate(self._file, 1):
            yield Audited.from_json(line, f"record {number}")


@dataclass(frozen=True, slots=True)
class Files:
    """The records that earlier runs wrote as JSON lines, one file after the other."""

    names: tuple[str, ...]

    def __iter__(self) -> Iterator[Audited]:
        for name in self.names:
            try:
                with Path(name).open(encoding="utf-8") as file:
                    for number, line in enumerate(file, 1):
                        yield Audited.from_json(line, f"{name}:{number}")
            except OSError as reason:
                raise StorageError(name, f"cannot be read: {reason.strerror or reason}") from None


def line_of(record: Audited) -> str:
    """A record as a line of JSON. Everything beyond ASCII is escaped, so that it is safe to show."""
    return json.dumps(record.to_json()) + "\n"


def lines(report: Report) -> Iterator[str]:
    """The report as JSON lines."""
    return (line_of(record) for record in report.records)


def document(report: Report) -> Iterator[str]:
    """The report as one JSON document."""
    tally = report.tally
    counts = {
        "names": tally.names,
        "failing": tally.failing,
        "unseen": tally.unseen,
        "findings": {severity.value: tally.findings[severity.value] for severity in Severity},
    }
    yield f'{{\n  "summary": {json.dumps(counts)},\n  "names": ['
    yield from joined(report.records, lambda record: f"\n    {json.dumps(record.to_json())}")
    yield "\n  ]\n}\n"


def joined(records: Iterable[Audited], text: Callable[[Audited], str]) -> Iterator[str]:
    """The texts of the records with commas between them."""
    between = ""
    for record in records:
        yield between + text(record)
        between = ","
