"""`tag`: further names for what is there, whole and byte for byte, also in other places."""

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Self

from regtool.concurrency import both, each
from regtool.documents.manifest import Manifest
from regtool.errors import UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Place, Reference
from regtool.operations.checks import Prospect, check
from regtool.operations.create_request import Target, in_full, parse_targets
from regtool.operations.events import Listener, ignore
from regtool.operations.members import Legs, SourceSpec, members_of
from regtool.operations.publish import Journal, keep_no_journal, publish
from regtool.operations.readback import digest_now
from regtool.operations.transfer import Missing, Wanted, missing_from
from regtool.planning.guards import Guards, refuse_unseen
from regtool.planning.plan import Plan, TagMove
from regtool.stores.places import Stores
from regtool.values import dataclass

Held = dict[Reference, Digest | None]


@dataclass(frozen=True, slots=True)
class TagRequest:
    """A manifest, the tags that it gets, in its own place or in others, and what must hold of each tag."""

    source: Reference
    targets: tuple[Target, ...]
    guards: Guards = field(default_factory=Guards)

    @classmethod
    def parse(cls, source: str, tags: Sequence[str], *, guards: Guards | None = None) -> Self:
        """Reads the words of the command line; a bare tag is in the place of the source. Raises UsageError."""
        reference = Reference.parse(source)
        if not tags:
            raise UsageError(source, "no new tag", "name at least one behind the source")
        first, *more = [in_full(tag, reference.place) for tag in tags]
        return cls(reference, parse_targets(first, more), guards or Guards())

    @property
    def references(self) -> list[Reference]:
        """Every tag by its full name, in the order given for each place."""
        return [reference for target in self.targets for reference in target.references]


async def plan_tag(request: TagRequest, stores: Stores) -> list[Plan]:
    """Reads the manifest and what the tags hold now, and asks the guards. One plan for each place. Writes nothing.

    Raises ConflictError if a guard refuses.
    """
    source = request.source
    stores.expect(writes=[target.place for target in request.targets], reads=[source.place])
    root, now = await both(stores.at(source.place).manifest(source.selector), _held(request.references, stores))
    await _check(request, root, now, stores)
    return await each(lambda target: _plan(request, target, root, now, stores), request.targets)


async def tag(
    request: TagRequest, stores: Stores, listen: Listener = ignore, journal: Journal = keep_no_journal
) -> list[Plan]:
    """Points every tag of the request at the source, or none."""
    plans = await plan_tag(request, stores)
    await publish(plans, stores, listen, journal)
    return plans


async def _held(references: Sequence[Reference], stores: Stores) -> Held:
    async def look(reference: Reference) -> Digest | None:
        assert reference.tag is not None
        return await digest_now(stores.at(reference.place), reference.tag)

    return dict(zip(references, await each(look, references), strict=True))


async def _plan(request: TagRequest, target: Target, root: Manifest, now: Held, stores: Stores) -> Plan:
    missing = await _missing(request.source.place, target.place, root, stores)
    moves = [TagMove(one.tag, root.digest, now[one]) for one in target.references if one.tag]
    if request.guards.if_digest and target is request.targets[0]:
        moves[0] = replace(moves[0], conditional=True)
    guarded = request.guards.not_older or not request.guards.allow_shrink
    return Plan(target.place, missing.blobs, missing.manifests, root, tuple(moves), guarded)


async def _missing(origin: Place, target: Place, root: Manifest, stores: Stores) -> Missing:
    """What another place lacks below the root, which itself is brought by the plan."""
    found = await missing_from(target, [Wanted(root.descriptor, origin)], {root.digest: root}, stores)
    below = tuple(manifest for manifest in found.manifests if manifest.digest != root.digest)
    return replace(found, manifests=below)


async def _check(request: TagRequest, root: Manifest, now: Held, stores: Stores) -> None:
    """Asks the guards. What a tag held is read only if it would be replaced, and only for a guard that looks at it."""
    first, guards = request.references[0], request.guards
    if guards.if_digest and now[first] != root.digest:
        refuse_unseen(str(first), guards.if_digest, now[first])
    replaced = [one for one, digest in now.items() if digest not in (None, root.digest)]
    if not replaced or (guards.allow_shrink and not guards.not_older):
        return
    held, legs = await both(each(lambda one: _read(one, now, stores), replaced), _legs(request.source, root, stores))
    prospects = [Prospect(one, before, legs.members, root) for one, before in zip(replaced, held, strict=True)]
    # The images stay together as they are, whatever revisions they say.
    await check(replace(guards, if_digest=None, allow_mixed_revisions=True), prospects, legs, stores)


async def _read(reference: Reference, now: Held, stores: Stores) -> Manifest:
    digest = now[reference]
    assert digest is not None
    return await stores.at(reference.place).manifest(digest)


async def _legs(source: Reference, root: Manifest, stores: Stores) -> Legs:
    """The images that the tags will offer; an artifact offers none."""
    if not root.is_index and root.as_image().config.media_type not in types.CONFIGS:
        return Legs.together(())
    return await members_of(root, SourceSpec(source), stores.at(source.place))
