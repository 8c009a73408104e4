"""From what the sources bring and what the tags hold to what has to be written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from regtool.concurrency import each
from regtool.documents.manifest import Manifest
from regtool.errors import NotFoundError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Place, Reference
from regtool.operations.checks import Prospect, check
from regtool.operations.conversion import Converter
from regtool.operations.create_request import CreateRequest
from regtool.operations.events import Listener, ignore
from regtool.operations.members import Legs, SourceSpec, members_of, resolve_members
from regtool.operations.transfer import Wanted, missing_from
from regtool.operations.waiting import Waiter
from regtool.planning.compose import compose, select
from regtool.planning.difference import PlatformChange, difference
from regtool.planning.member import Member
from regtool.planning.merge import merge
from regtool.planning.plan import Plan, TagMove
from regtool.planning.shape import Attestations, ListType, Shape
from regtool.stores.places import Stores
from regtool.transport.clock import Clock
from regtool.values import dataclass

Held = dict[Reference, Manifest | None]


@dataclass(frozen=True, slots=True)
class Creation:
    """What `create` has found out and will write, or has written.

    There is one plan for each place; when tags are added to, one for each list that comes of it. `members` is what
    the list of the first target holds, `before` what that tag held, `sources` what each source was when it was read,
    `removed` those of them whose tags were removed afterwards.
    """

    plans: tuple[Plan, ...]
    members: tuple[Member, ...]
    before: Manifest | None
    sources: Mapping[Reference, Digest]
    removed: tuple[Reference, ...] = ()

    @property
    def plan(self) -> Plan:
        """The plan that writes the first target."""
        return self.plans[0]

    @property
    def writes_nothing(self) -> bool:
        """Whether every tag everywhere is right already."""
        return all(plan.writes_nothing for plan in self.plans)

    @property
    def changes(self) -> list[PlatformChange]:
        """The difference between what the first tag held and what it will hold, by platform."""
        return difference(self.before, self.plan.root)

    @property
    def tags(self) -> list[Reference]:
        """Every tag that is written, by its full name."""
        return [plan.target.at(move.tag) for plan in self.plans for move in plan.tags]


async def read_sources(
    request: CreateRequest, stores: Stores, listen: Listener = ignore, clock: Clock | None = None
) -> Legs:
    """What the sources bring; waits for them, and for the platforms expected, if the request says so."""
    if not request.wait:
        return await resolve_members(request.sources, stores, listen)
    expected = () if request.append else request.guards.expect
    return await Waiter(stores, request.wait, listen, clock).legs(request.sources, expected)


async def read_targets(request: CreateRequest, stores: Stores) -> Held:
    """What each tag holds now, in the order of the targets; None for a tag that does not exist yet."""

    async def look(reference: Reference) -> Manifest | None:
        try:
            return await stores.at(reference.place).manifest(reference.selector)
        except NotFoundError:
            return None

    references = [reference for target in request.targets for reference in target.references]
    return dict(zip(references, await each(look, references), strict=True))


async def plan_merge(
    request: CreateRequest, legs: Legs, held: Held, stores: Stores, listen: Listener = ignore
) -> Creation:
    """What to write for each tag, once the guards agree. Raises ConflictError, UsageError or ContentError."""
    members = select(legs.members, request.shape)
    converter = Converter(request.shape.type, legs.manifests, stores, listen)
    if request.append:
        prospects = await each(lambda pair: _added(*pair, members, request.shape, stores, converter), held.items())
    else:
        members = await _converted(members, request.shape, converter)
        root = compose(members, request.shape, str(request.first))
        prospects = [Prospect(reference, before, tuple(members), root) for reference, before in held.items()]
    await check(request.guards, prospects, legs, stores)
    plans = await each(lambda group: _plan(request, group, legs, stores, converter), _grouped(prospects))
    return Creation(tuple(plans), prospects[0].members, prospects[0].before, legs.sources)


async def _converted(members: list[Member], shape: Shape, converter: Converter) -> list[Member]:
    return await converter.members(members) if shape.convert else members


async def _added(
    reference: Reference,
    before: Manifest | None,
    new: Sequence[Member],
    shape: Shape,
    stores: Stores,
    converter: Converter,
) -> Prospect:
    """A tag with the new members in what it holds. Whatever else its list says, and its kind, stays."""
    kept: list[Member] = []
    plain = replace(shape, platforms=(), attestations=Attestations.KEEP)
    if before:
        kept = list((await members_of(before, SourceSpec(reference), stores.at(reference.place))).members)
        plain = _like(before, plain)
    members = await _converted(select(merge(kept, new), plain), plain, converter)
    return Prospect(reference, before, tuple(members), compose(members, plain, str(reference), before))


def _like(before: Manifest, shape: Shape) -> Shape:
    if not before.is_index:
        return shape
    annotations = {**(before.as_index().annotations or {}), **shape.annotations}
    stays_oci = shape.type is ListType.AUTO and not types.is_docker(before.media_type)
    return replace(shape, annotations=annotations, type=ListType.OCI if stays_oci else shape.type)


def _grouped(prospects: Sequence[Prospect]) -> list[list[Prospect]]:
    """Tags of one place that get the same list belong to one plan."""
    groups: dict[tuple[Place, Digest], list[Prospect]] = {}
    for prospect in prospects:
        groups.setdefault((prospect.reference.place, prospect.root.digest), []).append(prospect)
    return list(groups.values())


async def _plan(
    request: CreateRequest, group: list[Prospect], legs: Legs, stores: Stores, converter: Converter
) -> Plan:
    first = group[0]
    place = first.reference.place
    # The same image of two sources is one member, but what attests to it may lie with either.
    origins = {one.digest: member.source.place for member in reversed(legs.members) for one in member.attestations}
    wanted = [
        Wanted(entry, origins.get(entry.digest, member.source.place))
        for member in first.members
        for entry in member.entries
    ]
    missing = await missing_from(place, wanted, legs.manifests, stores, converter.made)
    guarded = request.guards.not_older or not request.guards.allow_shrink
    moves = tuple(_move(request, prospect) for prospect in group)
    return Plan(place, missing.blobs, missing.manifests, first.root, moves, guarded)


def _move(request: CreateRequest, prospect: Prospect) -> TagMove:
    assert prospect.reference.tag is not None
    was = prospect.before.digest if prospect.before else None
    asked = request.guards.if_digest is not None and prospect.reference == request.first
    return TagMove(prospect.reference.tag, prospect.root.digest, was, conditional=asked or request.append)
