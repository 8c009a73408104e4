"""The command line as typer's program, made of the same declarations: for help, for mistakes, and for completion."""

import inspect
import os
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from regtool.cli.command import Command
from regtool.cli.commands import COMMANDS
from regtool.cli.completion import VARIABLE
from regtool.cli.failure import tell, wants_json
from regtool.cli.parameter import REQUIRED, Parameter
from regtool.cli.spelling import Argument, Option
from regtool.cli.streams import lost_result, stop
from regtool.errors import UsageError


def main(arguments: Sequence[str], line: str) -> int:
    """Runs one command line. Wrong words give one line, like every other error."""
    named = arguments[0] if arguments else ""
    program = build([named] if named in COMMANDS else COMMANDS, line)
    try:
        return program(list(arguments), prog_name="regtool", standalone_mode=False) or 0
    except typer.Abort:
        return 1
    except (BrokenPipeError, SystemExit):  # its reader has seen enough of the help, where rich wants to leave
        stop()
        return 0
    except OSError as failure:
        lost = lost_result(failure)
        tell(lost, as_json=False)
        return lost.exit_code
    except typer.TyperException as wrong:
        if said := wrong.format_message():  # help that nobody asked for has none
            tell(UsageError("", said), as_json=wants_json(arguments))
        return wrong.exit_code


def build(names: Iterable[str], line: str = "regtool") -> typer.Typer:
    """The program with these commands. What a command needs is imported here, and only for those named."""
    program = typer.Typer(
        name="regtool",
        help="Join per-arch container images under one tag, directly in the registry: no daemon, nothing is pulled.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        # `regtool completion` has scripts that know what a reference is; typer's own are not offered beside them.
        add_completion=VARIABLE in os.environ,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    program.callback()(_root)
    for name in names:
        _add(program, Command.named(name), line)
    return program


def _add(program: typer.Typer, command: Command, line: str) -> None:
    def call(**values: Any) -> int:
        return command.carry_out(values, line)

    call.__doc__ = command.function.__doc__
    parameters = [_in_signature(parameter) for parameter in command.parameters]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    # A blank line between the examples keeps each on a line of its own in the rendered help.
    epilog = "Examples:\n\n" + "\n\n".join(command.examples)
    program.command(command.name, rich_help_panel=COMMANDS[command.name], epilog=epilog)(call)


def _in_signature(parameter: Parameter) -> inspect.Parameter:
    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if parameter.default is REQUIRED else parameter.default,
        annotation=Annotated[parameter.annotation.__origin__, _spelled(parameter.spelling)],
    )


def _spelled(spelling: Argument | Option) -> Any:
    if isinstance(spelling, Argument):
        return typer.Argument(help=spelling.help, metavar=spelling.metavar, autocompletion=spelling.complete)
    return typer.Option(
        *spelling.names,
        help=spelling.help,
        metavar=spelling.metavar,
        rich_help_panel=spelling.panel,
        autocompletion=spelling.complete,
        min=spelling.min,
        max=spelling.max,
    )


def _root(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    # The option is here for `--help`; `__main__` answers it before anything is imported.
    pass
