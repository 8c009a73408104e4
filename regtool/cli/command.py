"""A command: a function with parameters, the options that all commands share, and the one boundary around it."""

from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any, Self

from regtool.cli import options
from regtool.cli.boundary import exit_code_of
from regtool.cli.parameter import Parameter, parameters_of
from regtool.cli.run import Run, Shared
from regtool.transport.early import Early
from regtool.values import dataclass

# A command's own parameters are those of its function; these arrive in `run`.
SHARED = (
    Parameter("plain_http", options.PlainHttp, default=False),
    Parameter("insecure", options.Insecure, default=None),
    Parameter("ca_file", options.CaFile, default=None),
    Parameter("cert", options.Cert, default=None),
    Parameter("key", options.Key, default=None),
    Parameter("timeout", options.Timeout, default=None),
    Parameter("auth_realm", options.AuthRealm, default=None),
    Parameter("helper_timeout", options.HelperTimeout, default="15s"),
    Parameter("insecure_proxy_auth", options.InsecureProxyAuth, default=False),
    Parameter("output", options.Output, default=options.Format.TEXT),
    Parameter("verbose", options.Verbose, default=False),
    Parameter("quiet", options.Quiet, default=False),
)


@dataclass(frozen=True, slots=True)
class Command:
    """`function(run, …)` under a name; `examples` are for its help."""

    name: str
    function: Callable[..., Coroutine[Any, Any, None]]
    examples: tuple[str, ...]

    @classmethod
    def named(cls, name: str) -> Self:
        """The command of `regtool.cli.commands.NAME`. What it needs is imported now."""
        module = import_module(f"regtool.cli.commands.{name}")
        return cls(name, getattr(module, name), module.EXAMPLES)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its own ones, then those that all commands share."""
        return (*parameters_of(self.function), *SHARED)

    def carry_out(self, values: dict[str, Any], line: str, early: Early | None = None) -> int:
        """Runs it with a value for each parameter, and returns the exit code.

        `line` is for the journal; `early` has connections that were begun already.
        """
        shared = Shared(**{parameter.name: values[parameter.name] for parameter in SHARED})
        own = {parameter.name: values[parameter.name] for parameter in parameters_of(self.function)}
        run = Run(shared, line, early)
        return exit_code_of(lambda: self.function(run, **own), run)
