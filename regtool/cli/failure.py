"""How a failure is told, whether a command met it or its words could not even be read."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from regtool.cli.outputs import github
from regtool.cli.render.table import columns
from regtool.cli.streams import put_aside, put_out
from regtool.errors import RegtoolError, StorageError
from regtool.operations.ledger import Fate
from regtool.transport.visible import visible

LONGEST_LINE = 4096  # characters of an error that are shown


def tell(error: RegtoolError, *, as_json: bool, code: str | None = None, exit_code: int | None = None) -> None:
    """Tells what went wrong: one line, and the same as JSON if the result is wanted so.

    Where tags were being written, a line for each follows. GitHub Actions gets the line as an annotation. `code` and
    `exit_code` are the error's own unless given.
    """
    line = visible(str(error), LONGEST_LINE)
    put_aside(github.error(line) if github.is_running(os.environ) else f"regtool: {line}")
    if len(error.tags) > 1 or set(error.tags.values()) - {Fate.UNTOUCHED.value}:
        put_aside(columns(error.tags.items(), indent="  "))
    if as_json:
        facts = {"code": code or error.code, "exitCode": exit_code or error.exit_code, "message": str(error)}
        facts |= {"what": error.what, "why": error.why, "hint": error.hint}
        with suppress(StorageError, BrokenPipeError):  # the line has said it
            write_json({"error": facts | ({"tags": error.tags} if error.tags else {})})


def write_json(value: Any) -> None:
    """Writes a result as JSON."""
    # Non-ASCII is escaped, so that no text of a registry can move anybody's cursor.
    put_out(json.dumps(value, indent=2))


def wants_json(words: Sequence[str]) -> bool:
    """Whether a command line that could not be read asks for JSON, as far as that can be seen."""
    return any(
        word in ("--output=json", "-ojson") or (word == "json" and before in ("--output", "-o"))
        for before, word in zip(("", *words), words, strict=False)
    )
