"""The table of faults in docs/exit-codes.md: `python -m tests.faults.document` writes it anew from real runs."""

import asyncio
import re
import tempfile
from pathlib import Path

from regtool.concurrency import each
from tests.faults.row import Row
from tests.faults.rows import ROWS
from tests.faults.world import Outcome, a_world
from tests.registries import ROOT, distribution

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

        async def play(row: Row) -> str:
            async with a_world(registry, row.layer) as world:
                return line(row, await row.play(world))

        return await each(play, sorted(ROWS, key=lambda row: row.number), limit=4)


if __name__ == "__main__":
    table = "".join(f"{text}\n" for text in asyncio.run(_play()))
    PAGE.write_text(_TABLE.sub(lambda _: table, PAGE.read_text()))
