"""What happens when a tag is written: the write fails, is lost, is a lie, or somebody else is faster."""

import hashlib
import json

from regtool.model.digest import Digest
from regtool.planning.guards import Guards
from regtool.planning.guards import Seen as SeenBefore
from tests.faults.proxy import Forward, after, changed, following, instead
from tests.faults.row import After, Row
from tests.faults.rows.arranging import NO_DIGEST, Arrange, all_of, always, header, on, pushing
from tests.faults.world import LOOK, TARGET, WRITE, World
from tests.images import push_index
from tests.transport.scripted import RESET, Reply, Seen, answer, refusal

_IMMUTABLE = {
    "Amazon ECR": refusal(400, "TAG_INVALID", "The tag '1.0' cannot be overwritten: the repository is immutable."),
    "Harbor": refusal(412, "PRECONDITION", "Failed to process request due to '1.0' configured as immutable."),
    "Nexus": refusal(400, "BLOB_UPLOAD_INVALID", "Repository does not allow updating assets"),
}  # fmt: skip
_FIVE = ("1", "latest", "stable", "edge")


def several(*arrangements: Arrange) -> Arrange:
    """Five tags, all of which exist."""

    def arrange(world: World) -> None:
        world.tags = _FIVE
        content = json.loads(world.fetch("manifests/1.0") or b"{}")
        for tag in _FIVE:
            push_index(world.registry, world.repository, tag, content["manifests"], annotations={"tag": tag})

    return all_of(arrange, *arrangements)


def five(*arrangements: Arrange) -> Arrange:
    """Five tags, of which four do not exist."""

    def arrange(world: World) -> None:
        world.tags = _FIVE

    return all_of(arrange, *arrangements)


def another(when: str, times: int | None = 1) -> Arrange:
    """Another job moves the tag right before such a request."""

    def arrange(world: World) -> None:
        async def move(seen: Seen, forward: Forward) -> None:
            world.move()

        world.proxy.on(when, following(move), times=times)

    return arrange


def another_behind(world: World) -> None:
    """Another job moves the tag right after the write."""

    async def react(seen: Seen, forward: Forward) -> Reply:
        answered = await forward(seen)
        world.move()
        return answered.encode()

    world.proxy.on(WRITE, react, times=1)


def stale(times: int | None) -> Arrange:
    """The registry shows what the tag was for so many reads after the write."""

    def arrange(world: World) -> None:
        old = world.fetch("manifests/1.0") or b""
        claim = f"sha256:{hashlib.sha256(old).hexdigest()}"
        shown = answer(200, old, {"Content-Type": json.loads(old)["mediaType"], "Docker-Content-Digest": claim})
        world.proxy.on(TARGET, instead(shown), times=times, skip=1)

    return arrange


def a_child_goes(world: World) -> None:
    """A clean-up takes one of the images, which no tag protects, right before the write."""

    async def clean(seen: Seen, forward: Forward) -> None:
        digest = json.loads(seen.body)["manifests"][1]["digest"]
        path = f"/v2/{world.repository}/manifests/{digest}"
        assert (await forward(Seen("DELETE", path, {"host": world.registry.host}, b""))).status == 202

    world.proxy.on(WRITE, following(clean), times=1)


def hidden(times: int) -> Arrange:
    """The registry does not know yet what was just pushed to it, when the list is written."""
    unknown = refusal(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry")
    return pushing(on(WRITE, instead(unknown), times))


def guarded(world: World) -> None:
    """Only if the tag is what it is now."""
    world.guards = Guards(if_digest=SeenBefore(Digest.parse(world.now() or "")))


def all_as_before(world: World) -> None:
    """No tag is the new list."""
    assert world.expected not in [world.now(tag) for tag in _FIVE]


def two_are_new(world: World) -> None:
    """What the user is told is what there is."""
    truth = [world.now(tag) == world.expected for tag in ("1.0", *_FIVE)]
    assert [fate.startswith("written") for fate in world.outcome.tags.values()] == truth


def together(world: World) -> None:
    """All tags are there, one by one."""
    assert [world.now(tag) for tag in _FIVE] == [world.expected] * len(_FIVE)
    assert len([asked for asked in world.proxy.asked if "?tag=" in asked]) == 1


_PUT = "PUT .*/manifests/"
_THIRD = "PUT .*/manifests/latest$"
_DENIED = instead(refusal(403, "DENIED", "requested access to the resource is denied"))

# fmt: off
ROWS = [
    Row(28, "an image that was just pushed is not known yet", hidden(2)),
    Row(28, "an image that was just pushed is never known", hidden(99), code=7),
    *(Row(30, f"a tag that may not be moved, in the words of {whose}", always(WRITE, instead(words)), code=7)
      for whose, words in _IMMUTABLE.items()),
    Row(31, "413 for the list", always(WRITE, instead(answer(413))), code=2),
    *(Row(31, f"{status} for several tags in one request", five(on(r"\?tag=", instead(answer(status)), None)),
          check=together) for status in (400, 414, 431)),
    *(Row(40, f"{status} on the write, once", on(WRITE, instead(refusal(status)))) for status in (500, 503, 429)),
    Row(40, "the write is reset before it is done, once", on(WRITE, instead(RESET))),
    Row(41, "the write is done, and its answer is lost", on(WRITE, after(RESET))),
    Row(41, "the write is done, and its answer is lost, always", always(WRITE, after(RESET))),
    Row(41, "the write is done, and a proxy says 502, always", always(WRITE, after(answer(502)))),
    Row(42, "201 for a write that was not done, once", on(WRITE, instead(answer(201)))),
    Row(42, "201 for a write that was not done, always", always(WRITE, instead(answer(201))), code=12,
        fates=("written, but not visible yet",)),
    Row(42, "201 with another digest, once", on(WRITE, changed(header("Docker-Content-Digest", NO_DIGEST))),
        code=8),
    Row(43, "the third of five tags is refused", several(always(_THIRD, _DENIED)), code=4, check=all_as_before),
    Row(43, "the third of five new tags is refused, and no tag can be removed",
        five(always(_THIRD, _DENIED)), code=11, check=two_are_new),
    Row(50, "another job moves the tag before the write", another(LOOK), code=7, after=After.OTHER, heals=False),
    Row(50, "the same with --if-digest", all_of(guarded, another(LOOK)), code=7, after=After.OTHER, heals=False),
    Row(50, "another job moves the tag behind the write", another_behind, code=7, after=After.OTHER, heals=False,
        fates=("moved by another job meanwhile",)),
    Row(51, "a clean-up takes an image before the write", a_child_goes, code=7, heals=False),
    Row(52, "the registry shows the old tag for a while", stale(4)),
    Row(52, "the registry shows the old tag for long", stale(None), code=12, after=After.NEW,
        fates=("written, but not visible yet",)),
    Row(52, "the registry breaks down right behind the write", on(TARGET, instead(answer(503)), None, 1), code=12,
        after=After.NEW, fates=("written, but not visible yet",)),
]
