"""The watch: each command is a process of its own, and the commands that are compared take turns."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Command = Sequence[str]


class Failed(Exception):
    """A command did not do its work; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds by the clock, and the peak of memory in bytes."""

    seconds: float
    memory: int


@dataclass(frozen=True, slots=True)
class Figure:
    """The runs of one command."""

    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        """The median."""
        return median(run.seconds for run in self.runs)

    @property
    def fastest(self) -> float:
        """The least of them."""
        return min(run.seconds for run in self.runs)

    @property
    def slowest(self) -> float:
        """The most of them."""
        return max(run.seconds for run in self.runs)

    @property
    def memory(self) -> int:
        """The median peak of memory, of the process itself, in bytes."""
        return int(median(run.memory for run in self.runs))


def run_once(command: Command, environment: Mapping[str, str]) -> Run:
    """Runs a command to its end. Raises Failed unless it ends well."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(environment)
    )
    said = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{' '.join(command)} left with {process.returncode}: {said[-1000:].decode(errors='replace')}")
    return Run(seconds, usage.ru_maxrss * 1024)


def in_turn(
    commands: Mapping[str, Callable[[], Command]], environment: Mapping[str, str], runs: int
) -> dict[str, Figure]:
    """Times commands one after the other, round after round, so that a busy machine is busy for all of them.

    Each command is asked for anew for each of its runs, as it may need a name that nobody has used.
    """
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(run_once(command(), environment))
    return {name: Figure(tuple(seen)) for name, seen in found.items()}
