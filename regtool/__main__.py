"""The door of the command line. `--version` is answered before anything heavy is imported."""

import sys

from regtool import __version__


def main() -> None:
    """Runs `regtool` with the words that the process was started with, and leaves with its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        sys.stdout.write(f"regtool {__version__}\n")
        return
    from regtool.cli.process import carry_out

    carry_out(sys.argv[1:])


if __name__ == "__main__":
    main()
