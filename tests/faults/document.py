"""The table of faults in docs/exit-codes.md: `python -m tests.faults.document` writes it anew from real runs."""

import asyncio
import re
import tempfile
from pathlib import Path

from tests.faults.row import Row
from tests.faults.rows import ROWS
from tests.faults.world import Outcome, a_world
from tests.registries import ROOT, distribution

PAGE = ROOT / "docs" / "exit-codes.md"
_TABLE = re.compile(r"(?<=\| row \| fault \| exit code \| message \|\n\|---\|---\|---\|---\|\n)(?:\|.*\n)*")


def line(row: Row, outcome: Outcome) -> str:
    """One row of the table."""
    said = f"`` {outcome.message} ``".replace("|", r"\|") if outcome.message else "done"
    return f"| {row.number} | {row.fault} | {outcome.code} | {said} |"


def documented() -> list[str]:
    """The rows that are on the page now."""
    found = _TABLE.search(PAGE.read_text())
    assert found, "no table of faults"
    return found[0].splitlines()


async def _play() -> list[str]:
    with tempfile.TemporaryDirectory() as folder, distribution(Path(folder)) as registry:
        lines = []
        for row in sorted(ROWS, key=lambda row: row.number):
            async with a_world(registry, row.layer) as world:
                lines.append(line(row, await row.play(world)))
        return lines


if __name__ == "__main__":
    table = "".join(f"{text}\n" for text in asyncio.run(_play()))
    PAGE.write_text(_TABLE.sub(lambda _: table, PAGE.read_text()))
