"""The work that is measured: what has to be there before, and the commands that do it."""

import gzip
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from benchmarks import tools
from benchmarks.images import push_image, push_list
from scripts.push_layout import Registry

ARCHITECTURES = ("amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "loong64")
MEBIBYTE = 1024 * 1024
LAYERS = 4  # of the large image, so many mebibytes each:
LAYER = 256

Commands = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What is there beside the registry: another one, at this host, a folder, and names that nobody has used."""

    other: str
    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def fresh(self) -> str:
        """A new word, fit for a tag or a repository."""
        return f"n{next(self._numbers)}"


@dataclass(frozen=True, slots=True)
class Job:
    """One row of work. `commands` gives them for a host, which stands `round_trips` milliseconds away, in turn."""

    name: str
    title: str
    prepare: Callable[[Registry], None]
    commands: Callable[[Ground, str], Commands]
    round_trips: tuple[int, ...] = (0, 20, 50, 100)
    runs: int = 9


def creating(legs: int) -> Job:
    """Merging so many images of one repository."""
    names = ARCHITECTURES[:legs]

    def commands(ground: Ground, host: str) -> Commands:
        mark = ground.fresh()
        return tools.create(host, f"merge:{mark}", [f"merge:{name}" for name in names], mark)

    return Job(f"create-{legs}", f"create, {legs} images of one repository", _legs("merge", *names), commands)


def creating_across() -> Job:
    """Merging two images of two other repositories."""

    def prepare(registry: Registry) -> None:
        for name in ARCHITECTURES[:2]:
            push_image(registry, f"from/{name}", name)

    def commands(ground: Ground, host: str) -> Commands:
        mark = ground.fresh()
        return tools.create(host, f"across/{mark}:1", ["from/amd64:amd64", "from/arm64:arm64"], mark)

    return Job("create-across", "create, 2 images of two other repositories, into a new one", prepare, commands)


def retagging() -> Job:
    """One more tag."""
    prepare = _lists("retag", "list")
    return Job(
        "retag", "retag a list of 2", prepare, lambda ground, host: tools.retag(host, "retag:list", ground.fresh())
    )


def inspecting() -> Job:
    """Showing a list."""
    return Job(
        "inspect", "show a list of 2", _lists("inspect", "list"), lambda _, host: tools.inspect(host, "inspect:list")
    )


def auditing(tags: int) -> Job:
    """Looking at so many tags, each a list of two images, each list another one."""
    repository = f"fleet-{tags}"
    return Job(
        f"audit-{tags}",
        f"look at {tags:,} tags, each a list of 2",
        _lists(repository, *(f"1.{number}" for number in range(tags))),
        lambda _, host: tools.audit(host, repository, tags),
        round_trips=(20,),
        runs={100: 3, 2000: 2}.get(tags, 1),
    )


def copying() -> Job:
    """Copying a large image to another registry."""

    def prepare(registry: Registry) -> None:
        push_image(registry, "large", "amd64", *(_layer() for _ in range(LAYERS)))

    return Job(
        "copy",
        f"copy an image of {LAYERS} layers of {LAYER} MiB to another registry",
        prepare,
        lambda ground, host: tools.copy(host, "large:amd64", ground.other, f"{ground.fresh()}:1"),
        round_trips=(0,),
        runs=3,
    )


def unloading() -> Job:
    """Copying the same large image into an OCI layout."""
    return replace(
        copying(),
        name="copy-layout",
        title=f"copy an image of {LAYERS} layers of {LAYER} MiB into an OCI layout",
        commands=lambda ground, host: tools.copy_to_layout(host, "large:amd64", ground.folder / ground.fresh()),
    )


def starting() -> Job:
    """Starting, without any registry."""
    return Job("start-up", "start", lambda _: None, lambda _, __: tools.start_up(), round_trips=(0,), runs=15)


def _legs(repository: str, *architectures: str) -> Callable[[Registry], None]:
    """Fills a repository with one image for each architecture."""

    def prepare(registry: Registry) -> None:
        for name in architectures:
            push_image(registry, repository, name)

    return prepare


def _lists(repository: str, *tags: str) -> Callable[[Registry], None]:
    """Fills a repository with lists of two images, one for each tag."""

    def prepare(registry: Registry) -> None:
        rows = [push_image(registry, repository, name) for name in ARCHITECTURES[:2]]
        for tag in tags:
            push_list(registry, repository, tag, rows)

    return prepare


def _layer() -> bytes:
    """A layer that no tool needs to compress: gzip, as builders push it."""
    return gzip.compress(secrets.token_bytes(LAYER * MEBIBYTE), compresslevel=0, mtime=0)


JOBS = {
    job.name: job
    for job in (
        starting(),
        creating(2),
        creating(8),
        creating_across(),
        retagging(),
        inspecting(),
        auditing(100),
        auditing(2000),
        auditing(20000),
        copying(),
        unloading(),
    )
}
