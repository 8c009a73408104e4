"""The door of the command line. `--version` is answered before anything heavy is imported."""

import os
import sys

from regtool import __version__


def main() -> None:
    """Runs `regtool` with the words that the process was started with, and leaves with its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        _tell_version()
        return
    from regtool.cli.process import carry_out

    carry_out(sys.argv[1:])


def _tell_version() -> None:
    try:
        os.write(1, f"regtool {__version__}\n".encode())  # at once: the stream may be closed, or its file full
    except BrokenPipeError:
        pass
    except OSError as failure:
        from regtool.cli.streams import lost_result, put_aside, stand_in

        stand_in()
        lost = lost_result(failure)
        put_aside(f"regtool: {lost}")
        sys.exit(lost.exit_code)


if __name__ == "__main__":
    main()
