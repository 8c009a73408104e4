"""The pages that name tests as their witnesses name tests that exist, and rows that are there."""

import re

import pytest

from tests.faults.rows import ROWS
from tests.registries import ROOT

PAGES = ["registries.md", "security.md"]


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_page_names_exists(page: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", (ROOT / "docs" / page).read_text())

    assert named
    for file, test in named:
        assert (ROOT / file).is_file(), file
        assert f"def {test}" in (ROOT / file).read_text(), f"{file}::{test}"


@pytest.mark.parametrize("page", PAGES)
def test_every_row_that_a_page_names_is_in_the_matrix(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    named = {
        int(number) for words in re.findall(r"\brows? ([\d, toand]+)", text) for number in re.findall(r"\d+", words)
    }

    assert named
    assert named <= {row.number for row in ROWS}


@pytest.mark.parametrize("page", PAGES)
def test_every_line_of_a_table_names_its_witness(page: str) -> None:
    lines = [line for line in (ROOT / "docs" / page).read_text().splitlines() if line.startswith("| ")]

    for line in lines:
        if not line.startswith(("| what is known", "| promise")):
            assert re.search(r"tests/|\brows? ", line.rpartition(" | ")[2]), line
