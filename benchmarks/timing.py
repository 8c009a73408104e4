"""The watch: each command is a process of its own, and the commands that are compared take turns."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Command = Sequence[str]


class Failed(Exception):
    """A command did not do its work; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The runs of one command, each in seconds by the clock."""

    runs: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """The median."""
        return median(self.runs)

    @property
    def fastest(self) -> float:
        """The least of them."""
        return min(self.runs)

    @property
    def slowest(self) -> float:
        """The most of them."""
        return max(self.runs)


def run_once(command: Command, environment: Mapping[str, str]) -> float:
    """Runs a command to its end, and returns after how many seconds that was. Raises Failed unless it ends well."""
    start = time.perf_counter()
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        said = done.stdout[-1000:].decode(errors="replace")
        raise Failed(f"{' '.join(command)} left with {done.returncode}: {said}")
    return seconds


# Linux counts for a process what its parent had when it was started. So a small one starts it.
_WATCH = """
import os, sys
_, status, usage = os.wait4(os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ), 0)
with open(sys.argv[1], "w") as file: file.write(str(usage.ru_maxrss * 1024))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak_of(command: Command, environment: Mapping[str, str]) -> int:
    """Runs a command to its end, and returns the peak of its memory in bytes, of its largest process. Raises Failed."""
    with tempfile.NamedTemporaryFile("r") as told:
        run_once([sys.executable, "-ISc", _WATCH, told.name, *command], environment)
        return int(told.read())


def in_turn(
    commands: Mapping[str, Callable[[], Command]], environment: Mapping[str, str], runs: int
) -> dict[str, Figure]:
    """Times commands one after the other, round after round, so that a busy machine is busy for all of them.

    Each command is asked for anew for each of its runs, as it may need a name that nobody has used.
    """
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(run_once(command(), environment))
    return {name: Figure(tuple(seen)) for name, seen in found.items()}
