"""How the parameters of a command are written as words. Each stands in the `Annotated` of a parameter.

Two readers take these declarations: `regtool.cli.words`, for command lines that are right, and `regtool.cli.program`,
which makes typer's program of them, for help, mistakes and completion.
"""

from collections.abc import Callable

Complete = Callable[[str], list[str]]  # what a shell offers for the beginning of a word


class Argument:
    """A word that its place tells apart; any number of words if the parameter is a list."""

    def __init__(self, *, help: str, metavar: str | None = None, complete: Complete | None = None) -> None:  # noqa: A002
        self.help = help
        self.metavar = metavar
        self.complete = complete


class Option:
    """A word that its name tells apart; `panel` is the group in which help shows it, `min` and `max` are of numbers."""

    def __init__(
        self,
        *names: str,
        help: str,  # noqa: A002
        metavar: str | None = None,
        panel: str | None = None,
        complete: Complete | None = None,
        min: int | None = None,  # noqa: A002
        max: int | None = None,  # noqa: A002
    ) -> None:
        self.names = names
        self.help = help
        self.metavar = metavar
        self.panel = panel
        self.complete = complete
        self.min = min
        self.max = max
