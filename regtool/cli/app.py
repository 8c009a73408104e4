"""The commands, grouped by what people come for."""

import os
import shlex
from importlib import import_module

import typer

from regtool.cli.command import add
from regtool.cli.failure import tell, wants_json
from regtool.errors import UsageError

COMPLETE = "_REGTOOL_COMPLETE"  # set by the scripts of `regtool completion`

# command -> the group of `regtool --help` that it stands in; also the order there
COMMANDS = {
    "create": "Merge",
    "build": "Merge",
    "apply": "Merge",
    "inspect": "Look",
    "resolve": "Look",
    "ls": "Look",
    "audit": "Look",
    "diff": "Look",
    "referrers": "Look",
    "copy": "Change",
    "attach": "Change",
    "tag": "Change",
    "edit": "Change",
    "repair": "Change",
    "split": "Change",
    "undo": "Take back",
    "history": "Take back",
    "rm": "Clean up",
    "prune": "Clean up",
    "cat": "Raw",
    "put": "Raw",
    "login": "Access",
    "logout": "Access",
    "whoami": "Access",
    "serve": "Serve",
    "completion": "Serve",
}


def build(names: list[str], line: str = "regtool") -> typer.Typer:
    """The program with these commands. What a command needs is imported here, and only for those named.

    `line` is the command line, for the journal.
    """
    app = typer.Typer(
        name="regtool",
        help="Join per-arch container images under one tag, directly in the registry: no daemon, nothing is pulled.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        # `regtool completion` has scripts that know what a reference is; typer's own are not offered beside them.
        add_completion=COMPLETE in os.environ,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in names:
        module = import_module(f"regtool.cli.commands.{name}")
        add(app, getattr(module, name), name=name, panel=COMMANDS[name], examples=module.EXAMPLES, line=line)
    return app


def main(arguments: list[str]) -> int:
    """Runs one command line. Wrong words give one line, like every other error."""
    named = arguments[0] if arguments else ""
    app = build([named] if named in COMMANDS else list(COMMANDS), shlex.join(["regtool", *arguments]))
    try:
        return app(arguments, prog_name="regtool", standalone_mode=False) or 0
    except typer.Abort:
        return 1
    except typer.TyperException as wrong:
        if said := wrong.format_message():  # help that nobody asked for has none
            tell(UsageError("", said), as_json=wants_json(arguments))
        return wrong.exit_code


def _root(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    # The option is here for `--help`; `__main__` answers it before anything is imported.
    pass
