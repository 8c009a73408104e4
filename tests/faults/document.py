"""The table of faults in docs/exit-codes.md: `python -m tests.faults.document` writes it anew from real runs."""

import asyncio
import re
import tempfile
from pathlib import Path

from tests.faults.row import Row
from tests.faults.rows import ROWS
from tests.faults.world import Outcome, a_world
from tests.registries import ROOT, distribution

_PATIENCE = 120.0  # seconds for one row
PAGE = ROOT / "docs" / "exit-codes.md"
_TABLE = re.compile(r"(?<=\| row \| fault \| exit code \| message \|\n\|---\|---\|---\|---\|\n)(?:\|.*\n)*")


def line(row: Row, outcome: Outcome) -> str:
    """One row of the table."""
    words = f"`` {outcome.message} ``".replace("|", r"\|") if outcome.message else ""
    said = words or ("it ends at once" if outcome.code else "done")
    return f"| {row.number} | {row.fault} | {outcome.code} | {said} |"


def documented() -> dict[str, str]:
    """The rows that are on the page now, each with its name."""
    found = _TABLE.search(PAGE.read_text())
    assert found, "no table of faults"
    lines = {text: text.strip("| ").split(" | ") for text in found[0].splitlines()}
    return {f"{number}: {fault}": text for text, (number, fault, *_) in lines.items()}


async def _play() -> list[str]:
    with tempfile.TemporaryDirectory() as folder, distribution(Path(folder)) as registry:
        lines = []
        for row in sorted(ROWS, key=lambda row: row.number):
            try:
                async with asyncio.timeout(_PATIENCE), a_world(registry, row.layer) as world:
                    lines.append(line(row, await row.play(world)))
            except (AssertionError, TimeoutError) as failure:
                failure.add_note(row.name)
                raise
        return lines


if __name__ == "__main__":
    table = "".join(f"{text}\n" for text in asyncio.run(_play()))
    PAGE.write_text(_TABLE.sub(lambda _: table, PAGE.read_text()))
