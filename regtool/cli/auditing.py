"""The reports of an audit: some while it runs, the others when it has ended, and the verdict last."""

import os
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from regtool.cli.render.audit.forms import Wanted
from regtool.cli.render.audit.matrix import Look, matrix
from regtool.cli.render.audit.report import Files, Report, Spool, Tally, line_of
from regtool.cli.render.table import count
from regtool.cli.run import Run
from regtool.errors import FindingsError, IncompleteError, UsageError
from regtool.operations.audit.record import Audited
from regtool.planning.rules.finding import Severity
from regtool.transport import events as wire


class Reporting:
    """Takes the records of a run, and writes every report that is wanted; the matrix if none goes to the screen."""

    def __init__(self, run: Run, reports: Sequence[str], fail_on: Severity) -> None:
        wanted = [Wanted.parse(text) for text in reports]
        shown = [one.form for one in wanted if one.file is None] or (["json"] if run.json else [])
        if len(shown) > 1:
            raise UsageError(" and ".join(shown), "both want standard output", "write one to a file: FORM=FILE")
        self._run = run
        self._files = [one for one in wanted if one.file]
        self._shown = Wanted(shown[0], None) if shown else None
        self._streams = shown == ["jsonl"]
        self._tally = Tally(fail_on)
        self._start = time.monotonic()
        self._expected: int | None = None
        self._requests = 0
        self._quotas: dict[str, wire.QuotaSeen] = {}

    def __enter__(self) -> Self:
        self._spool = Spool()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.close()

    def expect(self, names: int | None) -> None:
        """Says how many names there will be, for the bar; None as long as repositories have to be listed for that."""
        self._expected = names

    def hear(self, event: wire.Event) -> None:
        """Hears what the transport tells: requests are counted, and quotas remembered."""
        match event:
            case wire.Answered() | wire.Failed():
                self._requests += 1
            case wire.QuotaSeen():
                self._quotas[event.host] = event

    def add(self, record: Audited) -> None:
        """Takes a record. JSON lines are written at once."""
        self._tally.add(record)
        if self._streams:
            self._run.pieces([line_of(record)])
        if self._files or not self._streams:
            self._spool.add(record)
        self._run.progress(
            self._tally.names, self._expected, f"looked at, {self._tally.failing} with findings, {self._cost()}"
        )

    def finish(self, *, of_a_part: bool = False) -> None:
        """Writes what is still to be written, and gives the verdict. Only a part of a run may have had no name."""
        self._write(Report(self._spool, self._tally))
        self._run.say(f"{self._tally.words}; {self._cost()} in {time.monotonic() - self._start:.1f} s")
        for quota in self._quotas.values():
            self._run.say(f"{quota.host} grants {quota.remaining} more of {quota.limit} requests")
        if not (self._tally.names or of_a_part):
            hint = "`regtool ls` lists what there is"
            self._run.verdict(IncompleteError("", "nothing was looked at, as no tag fits", hint))
        self._judge()

    def merge(self, names: Sequence[str]) -> None:
        """Makes the reports of what earlier runs wrote as JSON lines. Raises UsageError, StorageError."""
        if not names:
            raise UsageError("--merge", "names no file", "name the files that `--report jsonl` wrote")
        files = Files(tuple(names))
        for record in files:
            self._tally.add(record)
        self._write(Report(files, self._tally))
        self._run.say(self._tally.words)
        self._judge()

    def _write(self, report: Report) -> None:
        for wanted in self._files:
            wanted.write(report)
        if self._shown is None:
            self._run.pieces(matrix(report, _look()))
        elif not self._streams or isinstance(report.records, Files):
            self._run.pieces(self._shown.texts(report))

    def _judge(self) -> None:
        tally = self._tally
        more = f", and {tally.failing} have findings" if tally.failing else ""
        if tally.unseen:
            what = f"{tally.unseen} of {count(tally.names, 'name')}"
            self._run.verdict(IncompleteError("", f"{what} could not be looked at{more}"))
        elif tally.failing:
            what = f"{tally.failing} of {count(tally.names, 'name')}"
            hint = "`regtool repair` mends what it can; docs/rules.md explains each code"
            self._run.verdict(FindingsError("", f"{what} {'has' if tally.failing == 1 else 'have'} findings", hint))

    def _cost(self) -> str:
        return count(self._requests, "request")


def _look() -> Look:
    """What standard output can show (https://no-color.org)."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Look(colour=colour, unicode=(sys.stdout.encoding or "").lower().startswith("utf"))
