"""A message that names an option names one that there is."""

import ast
import re
from pathlib import Path

import typer

from regtool.cli.commands import COMMANDS
from regtool.cli.program import build
from tests.registries import ROOT

OF_OTHERS = {"--progress", "--provenance", "--bootstrap", "--mount"}  # docker's own


def known() -> set[str]:
    """Every option of every command."""
    group = typer.main.get_command(build(list(COMMANDS)))
    commands = [group, *group.commands.values()]  # type: ignore[attr-defined]
    return {name for command in commands for option in command.params for name in option.opts} | {"--help"}


def named(path: Path) -> set[str]:
    """The options in the texts of a module, its docstrings aside."""
    tree = ast.parse(path.read_text())
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents
    ]
    return {option for text in texts for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)}


def test_every_option_that_a_message_names_exists() -> None:
    options = known() | OF_OTHERS
    for path in (ROOT / "regtool").rglob("*.py"):
        if path.name == "completion.py":  # it speaks to shells, in words of theirs
            continue
        assert named(path) <= options, path
