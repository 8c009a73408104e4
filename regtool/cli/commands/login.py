"""`regtool login`."""

import sys
from collections.abc import Callable
from typing import Annotated

from regtool.cli.asking import answer, confirmed
from regtool.cli.options import HubOr
from regtool.cli.run import Run
from regtool.cli.spelling import Option
from regtool.cli.streams import put_aside
from regtool.errors import UsageError
from regtool.operations.login import login as log_in

EXAMPLES = (
    "regtool login registry.example.com --username ci",
    "regtool login localhost:5000 --username ci --password-stdin < token.txt",
)

Username = Annotated[str | None, Option("--username", "-u", help="Who to log in as; asked for if left out.")]
FromStdin = Annotated[bool, Option("--password-stdin", help="Read the password or token from standard input.")]


async def login(
    run: Run, *, registry: HubOr = "docker.io", username: Username = None, password_stdin: FromStdin = False
) -> None:
    """Check credentials against a registry, and keep them where docker does.

    They go to the credential helper that docker's configuration names, else into its config.json with mode 0600.
    """
    name = username or _asked("Username", registry, hidden=False)
    secret = _from_stdin() if password_stdin else _asked("Password", registry, hidden=True)
    if not name or not secret:
        raise UsageError(registry, "a user name and a password are needed, and one is empty")
    done = await log_in(registry, name, secret, run.settings(), run.hear, _trusted(registry))
    if done.instead:
        run.say(f"note: {done.instead} has credentials for {done.host}, too, and goes first: commands will use those")
    run.result(
        f"logged in to {done.host} as {done.username}; kept in {done.kept_in}",
        lambda: {"host": done.host, "username": done.username, "keptIn": done.kept_in, "instead": done.instead},
    )


def _trusted(registry: str) -> Callable[[str], bool]:
    """Asks whether another server may have the credentials. Where nobody can answer, it may not."""

    def ask(server: str) -> bool:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        put_aside(f"{registry} names {server} as its token server, which is another host.")
        return confirmed(f"May {server} have the credentials for {registry}, now and from now on?")

    return ask


def _asked(question: str, registry: str, *, hidden: bool) -> str:
    """Asks on the terminal; nobody is asked where there is none."""
    if not sys.stdin.isatty():
        flag = "--password-stdin" if hidden else "--username"
        raise UsageError(registry, f"there is no terminal to ask for the {question.lower()}", f"use {flag}")
    return answer(f"{question} for {registry}", hidden=hidden)


def _from_stdin() -> str:
    """The secret without the newline that `echo` puts behind it."""
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")
