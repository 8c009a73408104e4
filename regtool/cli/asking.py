"""Asking a person on the terminal. Questions go to standard error; typer is imported when there is one."""

from collections.abc import Iterator
from contextlib import contextmanager

from regtool.cli.signals import asking


def confirmed(question: str) -> bool:
    """Whether the answer is yes. Raises KeyboardInterrupt."""
    import typer

    with _asking():
        return typer.confirm(question, err=True)


def answer(question: str, *, hidden: bool) -> str:
    """What the user types, without showing it if `hidden`. Raises KeyboardInterrupt."""
    import typer

    with _asking():
        return str(typer.prompt(question, hide_input=hidden, err=True))


@contextmanager
def _asking() -> Iterator[None]:
    import typer

    try:
        with asking():
            yield
    except typer.Abort:
        raise KeyboardInterrupt from None
