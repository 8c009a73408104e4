"""`python -m regtool.server [DIR]`: the registry on a free port, without the command line around it."""

import asyncio
import sys
from pathlib import Path

from regtool.errors import RegtoolError
from regtool.server.app import Answered
from regtool.server.run import serve


def _say(line: str | Answered) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    """Runs until it is told to stop; returns the exit code."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        asyncio.run(serve(root, announce=_say, listen=_say))
    except RegtoolError as error:
        _say(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
