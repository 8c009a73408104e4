"""The forms of a report by their names, and writing them into files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from regtool.cli.render.audit.html import as_html
from regtool.cli.render.audit.junit import as_junit
from regtool.cli.render.audit.report import Report, document, lines
from regtool.cli.render.audit.sarif import as_sarif
from regtool.cli.render.audit.tables import as_csv, as_markdown
from regtool.errors import StorageError, UsageError
from regtool.values import dataclass

FORMS: dict[str, Callable[[Report], Iterator[str]]] = {
    "json": document,
    "jsonl": lines,
    "csv": as_csv,
    "markdown": as_markdown,
    "junit": as_junit,
    "sarif": as_sarif,
    "html": as_html,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report that the user wants: its form, and the file to write it to; None is standard output."""

    form: str
    file: Path | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `FORM` or `FORM=FILE`. Raises UsageError; StorageError for a file that cannot be there."""
        form, equals, file = text.partition("=")
        if form not in FORMS or (equals and not file):
            raise UsageError(f"--report {text}", "names no form of a report", f"forms are {', '.join(FORMS)}")
        path = Path(file) if file else None
        if path and (path.is_dir() or not path.parent.is_dir()):  # said now, not after an hour of looking
            why = "is a directory" if path.is_dir() else f"cannot be written: there is no directory {path.parent}"
            raise StorageError(file, why)
        return cls(form, path)

    def texts(self, report: Report) -> Iterator[str]:
        """The report in this form, piece by piece."""
        return FORMS[self.form](report)

    def write(self, report: Report) -> None:
        """Writes the file. Raises StorageError."""
        assert self.file is not None
        try:
            with self.file.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(self.texts(report))
        except OSError as reason:
            raise StorageError(str(self.file), f"cannot be written: {reason.strerror or reason}") from None
