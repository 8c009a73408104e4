"""`regtool history`."""

from typing import Annotated, Any

from regtool.cli.completion import references
from regtool.cli.render.table import columns
from regtool.cli.run import Run
from regtool.cli.spelling import Argument
from regtool.model.digest import Digest
from regtool.operations.journal import Record
from regtool.operations.undo import history as find

EXAMPLES = (
    "regtool history localhost:5000/app:1.0",
    "regtool history localhost:5000/app --output json",
)

Which = Annotated[
    str | None,
    Argument(
        metavar="[REF|REPO]",
        help="A tag, or a repository for all its tags; else everything.",
        complete=references,
    ),
]


async def history(run: Run, *, ref: Which = None) -> None:
    """Show what tags were before regtool moved them, the newest move first. Asks no registry."""
    records = find(run.journal().records(), ref or "")[::-1]
    if not records:
        run.say(f"nothing is recorded{f' of {ref}' if ref else ''}")
    run.results(columns(map(_row, records)).splitlines(), lambda: [_json(record) for record in records])


def _row(record: Record) -> tuple[str, ...]:
    moved = f"{_short(record.was)} -> {_short(record.now)}"
    return f"{record.at:%Y-%m-%d %H:%M:%S}Z", str(record.reference), moved, record.command


def _json(record: Record) -> dict[str, Any]:
    return {
        "at": record.at.isoformat(),
        "reference": str(record.reference),
        "was": str(record.was) if record.was else None,
        "now": str(record.now) if record.now else None,
        "command": record.command,
        "run": record.run,
        "undoes": record.undoes,
    }


def _short(digest: Digest | None) -> str:
    return f"{digest.algorithm}:{digest.short}" if digest else "nothing"
