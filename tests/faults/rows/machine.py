"""The machine fails: signals, a kill, a reader that has gone, a full disk, files that cannot be written."""

import asyncio
import re
import signal
import time
from collections.abc import Awaitable, Callable

from regtool.model.reference import Repository, Tag
from regtool.stores.places import Stores
from tests.faults.proxy import Forward, Reaction, after, instead, late
from tests.faults.row import After, Row, create
from tests.faults.rows.arranging import LARGE, Arrange, always, on, pushing
from tests.faults.world import READ, TAG, TARGET, WRITE, Outcome, World
from tests.transport.scripted import CLOSE, Pause, Reply, Seen

_LONG = Pause(60)
_UPLOAD = "PUT .*/blobs/uploads"
_MANY = 40  # tasks
_WRITERS = 4


async def program(world: World) -> Outcome:
    """The program, as users run it."""
    return await world.program(*world.words())


def nothing(world: World) -> None:
    """All is well with the network."""


def signalled(number: signal.Signals, *, twice: bool = False) -> Callable[[World], Awaitable[Outcome]]:
    """The program, which gets a signal as soon as the first rule of the proxy has taken a request."""

    async def work(world: World) -> Outcome:
        process = await world.start(*world.words())
        if not world.proxy.rules:
            return await world.end(process)
        while not world.proxy.rules[0].taken:  # noqa: ASYNC110 - the proxy is a tool, not a thing to be told of
            await asyncio.sleep(0.005)
        begun = time.monotonic()
        process.send_signal(number)
        if twice:
            await asyncio.sleep(0.1)
            process.send_signal(number)
        outcome = await world.end(process)
        assert time.monotonic() - begun < (1.2 if twice else 2.7)  # two seconds, and what a busy machine takes
        return outcome

    return work


def killing(process: list[asyncio.subprocess.Process], *, done: bool) -> Reaction:
    """Kills the program when its request has come, or when the registry has done what it asks for."""

    async def react(seen: Seen, forward: Forward) -> Reply:
        if done:
            await forward(seen)
        process[0].kill()
        return [CLOSE]

    return react


def killed(*, copying: bool, done: bool) -> Callable[[World], Awaitable[Outcome]]:
    """The program, killed at its first request, then another one at its second, and so on up to the last."""

    async def work(world: World) -> Outcome:
        old, number = world.fetch(f"manifests/{TAG}") or b"", 0
        outcome = Outcome(137)
        while outcome.code == 137:
            world.restore(old)
            if copying:
                world.host, world.target = world.registry.host, f"{world.proxy.host}/{world.repository}/copy-{number}"
            before, victim = world.now(), list[asyncio.subprocess.Process]()
            world.heal()
            world.proxy.on("", killing(victim, done=done), times=1, skip=number)
            victim.append(await world.start(*world.words()))
            outcome = await world.end(victim[0])
            outcome = Outcome(137 if outcome.code == -signal.SIGKILL else outcome.code, outcome.message)
            assert world.now() in (before, world.expected)
            again = await create_unharmed(world)
            assert (again.code, world.now()) == (0, world.expected)
            number += 1
        assert number > (12 if copying else 7)
        return outcome

    return work


async def create_unharmed(world: World) -> Outcome:
    """The run that finishes what another one began."""
    world.heal()
    return await world.create()


def full(scheme: str) -> Arrange:
    """A layout or an archive on a disk that takes no more than 64 KiB in one file."""

    def arrange(world: World) -> None:
        world.target, world.limit = f"{scheme}:{world.folder}/layout", 'ulimit -f 64; exec "$@"'

    return arrange


async def full_later(world: World) -> None:
    """An archive that is there, on a disk that is full by now."""
    world.target = f"oci-archive:{world.folder}/layout"
    assert (await program(world)).code == 0
    world.limit = 'ulimit -f 64; exec "$@"'


async def tag_it(world: World) -> Outcome:
    """Gives the image in the target one more tag."""
    return await world.program("tag", f"{world.target}:{TAG}", "more")


def has_no_more(world: World) -> None:
    """The tag is not there."""
    assert world.now("more") is None


def no_debris(world: World) -> None:
    """Nothing but whole blobs, each under its digest."""
    layout = world.folder / "layout"
    files = [path for path in world.folder.rglob("*") if path.is_file()]
    assert all(path.stat().st_size < 64 * 1024 for path in files)
    assert not layout.is_file()
    assert not [path for path in files if "blobs/sha256" not in str(path) and path.name not in _OF_A_LAYOUT]


_OF_A_LAYOUT = {"oci-layout", "index.json", "index.json.lock", ".lock"}


def in_the_way(world: World) -> None:
    """A layout below something that is no directory."""
    (world.folder / "file").write_text("in the way")
    world.target = f"oci:{world.folder}/file/layout"


def led(line: str) -> Arrange:
    """What the program prints or tells goes elsewhere."""

    def arrange(world: World) -> None:
        world.limit = f"set -o pipefail; {line}"

    return arrange


def cancelled(world: World) -> None:
    """Each upload that was begun has been taken back."""
    begun = [asked for asked in world.proxy.asked if re.match("PUT .*/blobs/uploads/", asked)]
    ended = [asked for asked in world.proxy.asked if re.match("DELETE .*/blobs/uploads/", asked)]
    assert begun
    assert len(ended) >= len(begun), world.proxy.asked


def forgotten(world: World) -> None:
    """And the registry knows them no more."""
    cancelled(world)
    place = world.registry.log.parent / "data"
    assert not list(place.rglob(f"{world.repository}/copy/_uploads/*/data"))


async def look(world: World) -> Outcome:
    """Prints much."""
    return await world.program("inspect", f"{world.host}/{world.repository}:{TAG}", "--output", "json")


async def all_write(world: World) -> Outcome:
    """Several programs write into one layout at the same time."""
    world.target = f"oci:{world.folder}/layout"
    images = world.words()[2:]
    runs = [world.program("create", f"{world.target}:{number}", *images) for number in range(_WRITERS)]
    outcomes = await asyncio.gather(*runs, world.program("create", f"{world.target}:{TAG}", *images))
    return max(outcomes, key=lambda outcome: outcome.code)


def all_are_there(world: World) -> None:
    """No writer has lost the tag of another."""
    assert [world.now(str(number)) for number in range(_WRITERS)] == [world.expected] * _WRITERS


async def given_up(world: World) -> Outcome:
    """Many reads that are given up half-way, and then a merge over the same connections."""

    async def work(stores: Stores) -> None:
        store = stores.at(Repository.parse(f"{world.host}/{world.repository}"))
        for _ in range(3):
            reads = [asyncio.ensure_future(store.manifest(Tag("amd64"))) for _ in range(_MANY)]
            await asyncio.sleep(0.02)
            for read in reads:
                read.cancel()
            await asyncio.gather(*reads, return_exceptions=True)
        assert (await store.manifest(Tag("arm64"))).content

    outcome = await world.run(work)
    return outcome if outcome.code else await create(world)


# fmt: off
ROWS = [
    Row(44, "killed when a request has come, at each in turn", nothing, heals=False,
        work=killed(copying=False, done=False)),
    Row(44, "killed when a request is done, at each in turn", nothing, heals=False,
        work=killed(copying=False, done=True)),
    Row(44, "killed when a request of a copy is done, at each", nothing, heals=False,
        work=killed(copying=True, done=True)),
    *(Row(45, f"{number.name} while a source is read", always(READ, instead(_LONG)), work=signalled(number),
          code=128 + number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)),
    Row(45, "SIGTERM while the tag is written, which takes a second", always(WRITE, late(0.8)),
        work=signalled(signal.SIGTERM), code=143, after=After.NEW, fates=("written, but not read back",)),
    Row(45, "SIGINT while the tag is written, and no answer comes", always(WRITE, after(_LONG)),
        work=signalled(signal.SIGINT), code=130, after=After.NEW,
        fates=("may have been written: the registry does not say",)),
    Row(45, "SIGINT while the tag is read back", on(TARGET, instead(_LONG), None, 1), work=signalled(signal.SIGINT),
        code=130, after=After.NEW, fates=("written, but not read back",)),
    Row(45, "SIGINT twice", always(WRITE, instead(_LONG)), work=signalled(signal.SIGINT, twice=True), code=130,
        silent=True),
    Row(45, "SIGINT while blobs are uploaded", pushing(always(_UPLOAD, instead(_LONG))), work=signalled(signal.SIGINT),
        code=130, check=forgotten),
    Row(45, "SIGTERM while blobs are uploaded, and the registry does not answer any more",
        pushing(always(_UPLOAD, instead(_LONG)), always("DELETE", instead(_LONG))), work=signalled(signal.SIGTERM),
        code=143, check=cancelled),
    Row(46, "nobody reads what is printed", led('"$@" | true'), work=look, after=After.OLD, heals=False),
    Row(46, "nobody reads what is told", led('"$@" 2>&1 | true'), work=program),
    Row(47, "a full disk under a layout", full("oci"), work=program, layer=LARGE, code=13, check=no_debris),
    Row(47, "a full disk under an archive", full("oci-archive"), work=program, layer=LARGE, code=13, check=no_debris),
    Row(47, "a full disk under an archive that gets one more tag", full_later, work=tag_it, layer=LARGE, code=13,
        fates=(), check=has_no_more),
    Row(47, "a full disk under what is printed", led('"$@" > /dev/full'), work=look, after=After.OLD, code=13,
        heals=False),
    Row(48, "a layout that cannot be written", in_the_way, work=program, code=13, heals=False),
    Row(49, "five programs write into one layout", nothing, work=all_write, check=all_are_there),
    Row(60, "reads that are given up half-way, in hundreds", always(READ, late(0.01)), work=given_up),
]
