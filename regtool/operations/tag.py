"""`tag`: further names for what is there, whole and byte for byte."""

from collections.abc import Sequence
from typing import Self

from regtool.concurrency import both, each
from regtool.errors import NotFoundError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Reference, Tag
from regtool.operations.events import Listener, ignore
from regtool.operations.publish import publish
from regtool.planning.plan import Plan, TagMove
from regtool.stores.places import Stores
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class TagRequest:
    """A manifest and the tags that it gets, in the manifest's own place."""

    source: Reference
    tags: tuple[Tag, ...]

    @classmethod
    def parse(cls, source: str, tags: Sequence[str]) -> Self:
        """Reads the words of the command line. Raises UsageError."""
        reference = Reference.parse(source)
        if not tags:
            raise UsageError(source, "no new tag", "name at least one behind the source")
        return cls(reference, tuple(dict.fromkeys(reference.place.tag(text) for text in tags)))


async def plan_tag(request: TagRequest, stores: Stores) -> Plan:
    """Reads the manifest and what the tags hold now. Writes nothing."""
    place = request.source.place
    stores.expect(writes=[place])
    store = stores.at(place)

    async def held(tag: Tag) -> Digest | None:
        try:
            return (await store.resolve(tag)).digest
        except NotFoundError:
            return None

    root, now = await both(store.manifest(request.source.selector), each(held, request.tags))
    moves = tuple(TagMove(tag, root.digest, was) for tag, was in zip(request.tags, now, strict=True))
    return Plan(place, (), (), root, moves)


async def tag(request: TagRequest, stores: Stores, listen: Listener = ignore) -> Plan:
    """Points every tag of the request at the source."""
    plan = await plan_tag(request, stores)
    await publish(plan, stores, listen)
    return plan
