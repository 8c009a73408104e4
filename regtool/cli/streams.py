"""What goes to the two streams, at once: who reads them may be a person who waits, or another program.

The result is what a command is for, so it must not get lost unnoticed. Words about it are for people: where nobody hears
them, the work goes on all the same.
"""

import os
import sys
from contextlib import suppress

from regtool.errors import StorageError


def put_out(content: str | bytes, end: str = "\n") -> None:
    """Writes a part of the result to standard output; bytes as they are, without an end.

    Raises StorageError, or BrokenPipeError if its reader has gone, as `head` does.
    """
    try:
        if isinstance(content, bytes):
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
        else:
            sys.stdout.write(content + end)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as failure:
        raise lost_result(failure) from None


def lost_result(failure: OSError) -> StorageError:
    """The error that ends a run whose result found no room; nothing more is written after it."""
    stop()  # or the rest would be tried again at the end
    reason = (failure.strerror or type(failure).__name__).lower()
    return StorageError("standard output", f"the result cannot be written: {reason}")


def put_aside(text: str) -> None:
    """Writes a line for a person to standard error, if anybody is there."""
    with suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def stop() -> None:
    """Writes no more of the result, and nothing of what is still held back."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def stand_in() -> None:
    """Opens a standard stream that the caller has closed (`2>&-`), or a connection would get its number.

    What is written there fails, as it should: it has nowhere to go.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDONLY)  # gets the lowest number that is free
            setattr(sys, name, os.fdopen(number, mode))


def widen() -> None:
    """Lets standard output show as an escape what its encoding has no sign for, as standard error does anyway."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
