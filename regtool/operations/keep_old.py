"""Pinning what tags were: an untagged manifest is what registries and their clean-ups collect."""

from collections.abc import Sequence

from regtool.concurrency import each
from regtool.errors import NotFoundError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Place, Tag
from regtool.operations.readback import digest_now
from regtool.planning.plan import Plan, TagMove
from regtool.stores.places import Stores

Pin = tuple[Place, Tag, Digest]


async def keep_old(plans: Sequence[Plan], name: str | None, stores: Stores) -> list[Plan]:
    """The plans, and before them one for each tag that moves: it points the tag `name` at what the tag was.

    `{tag}` in `name` stands for the tag. Without a name, the plans alone. Raises UsageError for one name for two olds.
    """
    pins = [] if name is None else _pins(plans, name)
    return [*await each(lambda pin: _plan(pin, stores), pins), *plans]


def _pins(plans: Sequence[Plan], name: str) -> list[Pin]:
    pins: dict[tuple[Place, Tag], Digest] = {}
    for plan in plans:
        for move in plan.moves:
            tag = _tag(name, move.tag)
            if move.was and pins.setdefault((plan.target, tag), move.was) != move.was:
                raise UsageError(f"--keep-old {name}", "would pin two different manifests", "put {tag} into it")
    return [(place, tag, digest) for (place, tag), digest in pins.items()]


def _tag(name: str, moving: Tag) -> Tag:
    try:
        return Tag(name.replace("{tag}", moving.name))
    except UsageError as wrong:
        raise UsageError(f"--keep-old {name}", f"makes {wrong.what}, which is {wrong.why}", wrong.hint) from None


async def _plan(pin: Pin, stores: Stores) -> Plan:
    place, tag, digest = pin
    store = stores.at(place)
    try:
        root = await store.manifest(digest)
    except NotFoundError:
        raise NotFoundError(str(place.at(digest)), "is gone, so that it cannot be kept") from None
    return Plan(place, (), (), root, (TagMove(tag, digest, await digest_now(store, tag)),), pins=True)
