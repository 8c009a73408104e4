"""One command line, from its words to its exit code."""

import os
import shlex

from regtool.cli.command import Command
from regtool.cli.commands import COMMANDS
from regtool.cli.completion import VARIABLE
from regtool.cli.words import read
from regtool.transport.early import Early


def main(arguments: list[str], early: Early | None = None) -> int:
    """Runs `regtool` with these words. `early` has connections that were begun already."""
    line = shlex.join(["regtool", *arguments])
    if arguments and arguments[0] in COMMANDS and VARIABLE not in os.environ:
        command = Command.named(arguments[0])
        values = read(command.parameters, arguments[1:])
        if values is not None:
            return command.carry_out(values, line, early)
    from regtool.cli.program import main as explain

    return explain(arguments, line)
