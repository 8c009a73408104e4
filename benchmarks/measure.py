"""From jobs to figures: starts the registries, puts them at their distances, and lets the tools take turns."""

import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.delay import DelayProxy
from benchmarks.jobs import Commands, Ground, Job
from benchmarks.timing import Failed, Figure, in_turn, peak_of
from benchmarks.tools import PEERS, program_of
from scripts.push_layout import Registry
from tests.registries import RunningRegistry, distribution


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run takes: of a registry, and of memory, whose peak is in bytes."""

    requests: int
    connections: int
    memory: int


@dataclass(frozen=True, slots=True)
class Result:
    """A job's figures: by round trip in milliseconds, then by tool. `failed` says what of the tools did not work."""

    job: Job
    figures: Mapping[int, Mapping[str, Figure]]
    costs: Mapping[str, Cost]
    failed: Mapping[str, str]


@contextmanager
def ground() -> Iterator[tuple[RunningRegistry, Ground, dict[str, str]]]:
    """Two registries, and the environment of the tools, all of it gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="regtool-bench-") as folder:
        rooms = [Path(folder) / name for name in ("home", "one", "two")]
        for room in rooms:
            room.mkdir()
        with distribution(rooms[1]) as one, distribution(rooms[2]) as two:
            yield one, Ground(two.host, rooms[0]), _environment(rooms[0])


def measure(job: Job, round_trips: Sequence[int], runs: int | None) -> Result:
    """Does a job at each distance as often as it says itself, or at most so many times."""
    with ground() as (registry, place, environment):
        _fill(job, registry.url)
        costs, failed = _first_runs(job, registry.host, place, environment)
        names = list(costs)
        figures = {}
        for round_trip in [wanted for wanted in round_trips if wanted in job.round_trips]:
            with _distance(registry.host, round_trip) as host:
                turns = {name: (lambda name=name: _commands(job, place, host)[name]) for name in names}
                figures[round_trip] = in_turn(turns, environment, min(runs or job.runs, job.runs))
        return Result(job, figures, costs, failed)


def _fill(job: Job, url: str) -> None:
    """Puts there what the job needs, by a process of its own: a small process is said to have its parent's peak."""
    filling = multiprocessing.get_context("fork").Process(target=_prepare, args=(job, url))
    filling.start()
    filling.join()
    if filling.exitcode:
        raise RuntimeError(f"{job.name}: the registry could not be filled")


def _prepare(job: Job, url: str) -> None:
    registry = Registry(url)
    job.prepare(registry)
    registry.close()


def _first_runs(
    job: Job, host: str, place: Ground, environment: Mapping[str, str]
) -> tuple[dict[str, Cost], dict[str, str]]:
    """One run of each tool that is not timed: it warms up, counts, and shows which of them can do the job at all."""
    costs: dict[str, Cost] = {}
    failed: dict[str, str] = {}
    with DelayProxy(host, 0.0) as proxy:
        for name in _commands(job, place, proxy.host):
            proxy.forget()
            try:
                memory = peak_of(_commands(job, place, proxy.host)[name], environment)
                costs[name] = Cost(proxy.requests, proxy.connections, memory)
            except (Failed, OSError) as reason:
                failed[name] = str(reason)
    return costs, failed


@contextmanager
def _distance(host: str, round_trip: int) -> Iterator[str]:
    """Where the registry is found at so many milliseconds; at none it is reached directly."""
    if not round_trip:
        yield host
        return
    with DelayProxy(host, round_trip / 1000) as proxy:
        yield proxy.host


def _commands(job: Job, place: Ground, host: str) -> Commands:
    """The commands of a job for which there is a program here; every call brings names that nobody has used."""
    here = {"regtool"} | {tool.name for tool in PEERS if shutil.which(tool.program)}
    return {name: command for name, command in job.commands(place, host).items() if program_of(name) in here}


def _environment(home: Path) -> dict[str, str]:
    """An empty home, but for the plugins of the docker client; and Python may keep what it has compiled."""
    docker = home / ".docker"
    docker.mkdir()
    (docker / "config.json").write_text("{}")  # buildah wants it to exist
    plugins = Path.home() / ".docker" / "cli-plugins"
    if plugins.exists():
        (docker / "cli-plugins").symlink_to(plugins)
    storage = home / "storage.conf"  # buildah's own is the whole machine's
    storage.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{home}/images"\nrunroot = "{home}/run"\n')
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return (
        kept
        | {"HOME": str(home), "DOCKER_CONFIG": str(docker), "XDG_CACHE_HOME": str(home / "cache")}
        | {"CONTAINERS_STORAGE_CONF": str(storage)}
    )
