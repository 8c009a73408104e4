"""Every fault once: what the user sees of it, that the page about exit codes says so, and that nothing is lost."""

import pytest

from tests.faults.document import documented, line
from tests.faults.row import Row
from tests.faults.rows import ROWS
from tests.faults.world import a_world
from tests.registries import RunningRegistry


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_a_fault(row: Row, debian_registry: RunningRegistry) -> None:
    async with a_world(debian_registry, row.layer) as world:
        outcome = await row.play(world)

    # `python -m tests.faults.document` brings the page up to date.
    seen, said = line(row, outcome), documented().get(row.name)
    assert said == seen


def test_the_page_has_these_rows_and_no_others() -> None:
    assert list(documented()) == [row.name for row in sorted(ROWS, key=lambda row: row.number)]


def test_rows_have_names_of_their_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
