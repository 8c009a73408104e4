"""How a function becomes a command: the options that all share, the examples of its help, and the one boundary."""

import inspect
from collections.abc import Callable, Coroutine
from typing import Any

import typer

from regtool.cli import options
from regtool.cli.boundary import leave_with
from regtool.cli.run import Run, Shared

Command = Callable[..., Coroutine[Any, Any, None]]

_SHARED = {
    "plain_http": (options.PlainHttp, False),
    "insecure": (options.Insecure, None),
    "ca_file": (options.CaFile, None),
    "cert": (options.Cert, None),
    "key": (options.Key, None),
    "timeout": (options.Timeout, "60s"),
    "auth_realm": (options.AuthRealm, None),
    "helper_timeout": (options.HelperTimeout, "15s"),
    "insecure_proxy_auth": (options.InsecureProxyAuth, False),
    "output": (options.Output, options.Format.TEXT),
    "verbose": (options.Verbose, False),
    "quiet": (options.Quiet, False),
}


def add(app: typer.Typer, function: Command, *, name: str, panel: str, examples: tuple[str, ...], line: str) -> None:
    """Registers `function(run, …)` as the command `name`; `line` is the whole command line, for the journal.

    To its own parameters come the shared ones, which arrive in `run`. Typer reads a signature to learn a command's
    options; writing a dozen shared options into each of them would say the same thing in every file.
    """
    own = inspect.signature(function)
    shared = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for key, (annotation, default) in _SHARED.items()
    ]
    parameters = [parameter for parameter in own.parameters.values() if parameter.name != "run"]

    def command(**words: Any) -> None:
        run = Run(Shared(**{key: words.pop(key) for key in _SHARED}), line)
        leave_with(lambda: function(run, **words), run)

    command.__doc__ = function.__doc__
    command.__signature__ = own.replace(  # type: ignore[attr-defined]
        parameters=[*(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters), *shared],
        return_annotation=None,
    )
    command.__annotations__ = {p.name: p.annotation for p in (*parameters, *shared)}
    # A blank line between the examples keeps each on a line of its own in the rendered help.
    epilog = "Examples:\n\n" + "\n\n".join(examples)
    app.command(name, rich_help_panel=panel, epilog=epilog)(command)
