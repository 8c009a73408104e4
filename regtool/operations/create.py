"""`create`: per-arch images in, one multi-arch tag out."""

from collections.abc import Sequence
from dataclasses import field
from typing import Self

from regtool.concurrency import both, each
from regtool.documents.manifest import Manifest
from regtool.errors import NotFoundError, UsageError
from regtool.model.reference import Place, Reference, Tag
from regtool.operations.events import Listener, ignore
from regtool.operations.members import SourceSpec, resolve_members
from regtool.operations.publish import publish
from regtool.operations.transfer import Wanted, missing_from
from regtool.planning.compose import compose, select
from regtool.planning.difference import PlatformChange, difference
from regtool.planning.member import Member
from regtool.planning.plan import Plan, TagMove
from regtool.planning.shape import Shape
from regtool.stores.places import Stores
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """What `create` is asked for: the tags to write, the sources to merge, and the shape of the list."""

    target: Place
    tags: tuple[Tag, ...]
    sources: tuple[SourceSpec, ...]
    shape: Shape = field(default_factory=Shape)

    @classmethod
    def parse(
        cls, target: str, sources: Sequence[str], *, tags: Sequence[str] = (), shape: Shape | None = None
    ) -> Self:
        """Reads the words of the command line: `host/repo:tag`, sources, more tags. Raises UsageError."""
        first = Reference.parse_target(target)
        if not sources:
            raise UsageError(target, "no source to merge", "name the per-arch images behind the target")
        assert first.tag is not None
        named = dict.fromkeys((first.tag, *(first.place.tag(tag) for tag in tags)))
        specs = tuple(SourceSpec.parse(source, first.place) for source in sources)
        return cls(first.place, tuple(named), specs, shape or Shape())


@dataclass(frozen=True, slots=True)
class Creation:
    """What `create` has found out and will write, or has written."""

    plan: Plan
    members: tuple[Member, ...]
    before: Manifest | None

    @property
    def changes(self) -> list[PlatformChange]:
        """The difference between what the first tag held and what it will hold, by platform."""
        return difference(self.before, self.plan.root)


async def plan_create(request: CreateRequest, stores: Stores, listen: Listener = ignore) -> Creation:
    """Reads the sources and the target at once and works out what to write. Writes nothing."""
    origins = [source.reference.place for source in request.sources]
    stores.expect(writes=[request.target], reads=origins)
    legs, held = await both(
        resolve_members(request.sources, stores, listen), _held(request.target, request.tags, stores)
    )
    members = select(legs.members, request.shape)
    root = compose(members, request.shape, str(request.target.at(request.tags[0])))
    moves = tuple(TagMove(tag, root.digest, found.digest if found else None) for tag, found in held.items())
    missing = await missing_from(request.target, _wanted(members), legs.manifests, stores)
    plan = Plan(request.target, missing.blobs, missing.manifests, root, moves)
    return Creation(plan, tuple(members), held[request.tags[0]])


async def create(request: CreateRequest, stores: Stores, listen: Listener = ignore) -> Creation:
    """Merges the sources into one list and publishes it under every tag of the request."""
    creation = await plan_create(request, stores, listen)
    await publish(creation.plan, stores, listen)
    return creation


async def _held(target: Place, tags: tuple[Tag, ...], stores: Stores) -> dict[Tag, Manifest | None]:
    """What each tag holds now; None for a tag that does not exist yet."""

    async def look(tag: Tag) -> Manifest | None:
        try:
            return await stores.at(target).manifest(tag)
        except NotFoundError:
            return None

    return dict(zip(tags, await each(look, tags), strict=True))


def _wanted(members: Sequence[Member]) -> list[Wanted]:
    return [Wanted(entry, member.source.place) for member in members for entry in member.entries]
