"""`split`: from one list back to a tag for each platform."""

from typing import Self

from regtool.concurrency import both, each
from regtool.documents.manifest import Manifest
from regtool.errors import UsageError
from regtool.model.reference import Reference, Tag
from regtool.operations.events import Listener, Note, ignore
from regtool.operations.members import SourceSpec, resolve_members
from regtool.operations.publish import publish
from regtool.operations.readback import digest_now
from regtool.planning.compose import compose
from regtool.planning.member import Member
from regtool.planning.plan import Plan, TagMove
from regtool.planning.shape import Attestations, Shape
from regtool.planning.tag_names import DEFAULT_PATTERN, Spelling, tag_names
from regtool.stores.places import Stores
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class SplitRequest:
    """The list to split, and how the tags are called."""

    reference: Reference
    pattern: str = DEFAULT_PATTERN
    spelling: Spelling = Spelling.UNAME
    attestations: Attestations = Attestations.KEEP

    @classmethod
    def parse(
        cls, reference: str, *, pattern: str = DEFAULT_PATTERN, spelling: Spelling = Spelling.UNAME,
        attestations: Attestations = Attestations.KEEP,
    ) -> Self:  # fmt: skip
        """Reads the words of the command line. Raises UsageError."""
        return cls(Reference.parse(reference), pattern, spelling, attestations)


async def plan_split(request: SplitRequest, stores: Stores, listen: Listener = ignore) -> list[Plan]:
    """One plan for each platform of the list, in its order. Writes nothing.

    A tag gets its image byte for byte. If the image has attestations, it gets a list of the two, as builders push it.
    """
    place = request.reference.place
    stores.expect(writes=[place])
    legs = await resolve_members([SourceSpec(request.reference)], stores, listen)
    if legs.manifests:  # only an image is read whole
        raise UsageError(str(request.reference), "is one image, not a list", "`regtool tag` gives it another tag")
    members = [member for member in legs.members if member.platform]
    for member in legs.members:
        if not member.platform:
            listen(Note(f"{member} is for no platform, and gets no tag"))
    platforms = [member.platform for member in members if member.platform]
    tags = tag_names(request.reference.tag, platforms, request.pattern, request.spelling)
    return await each(lambda pair: _plan(*pair, request, stores), list(zip(tags, members, strict=True)))


async def split(request: SplitRequest, stores: Stores, listen: Listener = ignore) -> list[Plan]:
    """Tags every image of the list on its own, all or none."""
    plans = await plan_split(request, stores, listen)
    await publish(plans, stores, listen)
    return plans


async def _plan(tag: Tag, member: Member, request: SplitRequest, stores: Stores) -> Plan:
    store = stores.at(request.reference.place)
    root, was = await both(_root(member, request, stores), digest_now(store, tag))
    return Plan(request.reference.place, (), (), root, (TagMove(tag, root.digest, was),), guarded=True)


async def _root(member: Member, request: SplitRequest, stores: Stores) -> Manifest:
    if member.attestations and request.attestations is Attestations.KEEP:
        return compose([member], Shape(), str(member))
    return await stores.at(request.reference.place).manifest(member.digest)
