"""What goes to the two streams, at once: who reads them may be a person who waits, or another program."""

import sys


def put_out(text: str, end: str = "\n") -> None:
    """Writes a part of the result to standard output."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def put_aside(text: str) -> None:
    """Writes a line for a person to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def widen() -> None:
    """Lets standard output show as an escape what its encoding has no sign for, as standard error does anyway."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
