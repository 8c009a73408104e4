"""What is read without typer is what typer would read."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from regtool.cli.command import Command
from regtool.cli.commands import COMMANDS
from regtool.cli.parameter import Parameter
from regtool.cli.program import build
from regtool.cli.spelling import Argument, Option
from regtool.cli.words import read

PARAMETERS = {name: Command.named(name).parameters for name in COMMANDS}
TEXTS = ("r.example/app:1", "linux/amd64,linux/arm64", "", "-", "a=b", "--", "-t", "--nothing", "-x=y", "é")


def typer_reads(monkeypatch: pytest.MonkeyPatch, name: str, words: list[str]) -> dict[str, Any] | None:
    """The values that typer finds for a command; None where it refuses, or shows help."""
    found: list[dict[str, Any]] = []
    with monkeypatch.context() as patched:
        patched.setattr(Command, "carry_out", lambda _, values, __: found.append(values))
        try:
            build([name])([name, *words], standalone_mode=False)
        except typer.TyperException:
            return None
    return found[0] if found else None


def value_for(parameter: Parameter) -> st.SearchStrategy[str]:
    """Texts that fit the parameter, and some that may not."""
    if parameter.item is int:
        return st.sampled_from(["0", "7", "300", "-1", "1_000", " 5", "x"])
    if issubclass(parameter.item, StrEnum):
        return st.sampled_from([*parameter.item, next(iter(parameter.item)).upper()])
    return st.sampled_from(TEXTS)


@st.composite
def command_lines(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A command, and words of its own in some order, most of them in place."""
    name = draw(st.sampled_from(list(COMMANDS)))
    words: list[str] = []
    for parameter in draw(st.lists(st.sampled_from(PARAMETERS[name]), max_size=5)):
        value = draw(value_for(parameter))
        if isinstance(parameter.spelling, Argument):
            words.append(value)
        else:
            spelled = draw(st.sampled_from(parameter.spelling.names))
            words += draw(st.sampled_from([[spelled], [spelled, value], [f"{spelled}={value}"], [f"{spelled}{value}"]]))
    for parameter in PARAMETERS[name]:
        if isinstance(parameter.spelling, Argument) and draw(st.booleans()):
            words.append(draw(value_for(parameter)))
    return name, words


@given(line=command_lines())
def test_words_mean_what_they_mean_to_typer(line: tuple[str, list[str]]) -> None:
    name, words = line
    values = read(PARAMETERS[name], words)

    with pytest.MonkeyPatch.context() as patch:
        assert values is None or values == typer_reads(patch, name, words)


class Colour(StrEnum):
    """Something to choose from."""

    RED = "red"


SMALL = (
    Parameter("source", Annotated[str, Argument(help="")]),
    Parameter("more", Annotated[list[str] | None, Argument(help="")], None),
    Parameter("tag", Annotated[list[str] | None, Option("--tag", "-t", help="")], None),
    Parameter("file", Annotated[Path | None, Option("--file", help="")], None),
    Parameter("count", Annotated[int, Option("--count", help="", min=1, max=9)], 3),
    Parameter("colour", Annotated[Colour | None, Option("--colour", help="")], None),
    Parameter("dry_run", Annotated[bool, Option("--dry-run", help="")], default=False),
)
DEFAULTS: dict[str, Any] = {"more": None, "tag": None, "file": None, "count": 3, "colour": None, "dry_run": False}


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("a", {"source": "a"}),
        ("a b c", {"source": "a", "more": ["b", "c"]}),
        ("-t x a --tag y --tag=z", {"source": "a", "tag": ["x", "y", "z"]}),
        ("a --file - --count 9 --count=1", {"source": "a", "file": Path("-"), "count": 1}),
        ("--dry-run a --colour red", {"source": "a", "colour": Colour.RED, "dry_run": True}),
    ],
)
def test_a_right_line_is_read(line: str, values: dict[str, Any]) -> None:
    assert read(SMALL, line.split()) == DEFAULTS | values


@pytest.mark.parametrize(
    "line",
    ["", "a --help", "a -h", "a --tags x", "a -tx", "a -t=x", "a --tag", "a --tag --dry-run", "a --dry-run=yes",
     "a -- b", "a --count 0", "a --count 10", "a --count many", "a --colour blue"],
)  # fmt: skip
def test_a_line_that_is_not_plainly_right_is_left_to_typer(line: str) -> None:
    assert read(SMALL, line.split()) is None


def test_more_words_than_there_are_places_are_left_to_typer() -> None:
    assert read([SMALL[0]], ["a", "b"]) is None
