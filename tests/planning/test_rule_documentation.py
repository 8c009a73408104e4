"""`docs/rules.md` has a section for every rule that says what the rule says of itself."""

import re

import pytest

from regtool.planning.rules.catalogue import RULES
from regtool.planning.rules.finding import Rule
from tests.registries import ROOT

PAGE = (ROOT / "docs" / "rules.md").read_text()
SECTIONS = dict(re.findall(r"^### (RT\d{3} [a-z0-9-]+)\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_the_sections_are_the_rules_in_their_order() -> None:
    assert list(SECTIONS) == [f"{rule.code} {rule.name}" for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_section_names_severity_default_and_repair(rule: Rule) -> None:
    section = SECTIONS[f"{rule.code} {rule.name}"]

    assert section.startswith(f"*{rule.severity.value.capitalize()}")
    assert ("only if selected" in section) != rule.default
    assert ("**Repair" in section) == rule.mends
