"""Reading what the guards want to know, and asking them."""

from collections.abc import Sequence

from regtool.concurrency import each
from regtool.documents.manifest import Manifest
from regtool.model import media_type as types
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations.members import Legs, platform_of
from regtool.operations.origins import all_origins, known_origins, origin_of_list
from regtool.planning import guards as guard
from regtool.planning.difference import offers
from regtool.planning.guards import Guards
from regtool.planning.member import Member
from regtool.planning.origin import Origin
from regtool.stores.places import Stores
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Prospect:
    """One tag: what it holds now, and what it would hold."""

    reference: Reference
    before: Manifest | None
    members: tuple[Member, ...]
    root: Manifest

    @property
    def what(self) -> str:
        """How an error names it."""
        return str(self.reference)

    @property
    def replaced(self) -> Manifest | None:
        """What would no longer be there."""
        return self.before if self.before and self.before.digest != self.root.digest else None


async def check(guards: Guards, prospects: Sequence[Prospect], legs: Legs, stores: Stores) -> None:
    """Raises ConflictError if one of the guards refuses. `prospects` begin with the tag that was named first."""
    for prospect in prospects:
        guard.refuse_unexpected(prospect.what, prospect.members, guards.expect)
    first = prospects[0]
    if guards.if_digest and (first.replaced or not first.before):
        guard.refuse_unseen(first.what, guards.if_digest, first.before.digest if first.before else None)
    await _same_revision(guards, first, legs, stores)
    if not guards.allow_shrink:
        await each(lambda prospect: _no_shrink(prospect, stores), prospects)
    if guards.not_older:
        await each(lambda prospect: _not_older(prospect, legs, stores), prospects)


async def _same_revision(guards: Guards, first: Prospect, legs: Legs, stores: Stores) -> None:
    """What was read anyway is always compared; the rest is read only if the user wants it."""
    if guards.allow_mixed_revisions:
        return
    members = list(first.members)
    origins = await all_origins(members, legs, stores) if guards.same_revision else known_origins(members, legs)
    guard.refuse_mixed(first.what, origins, strictly=guards.same_revision)


async def _no_shrink(prospect: Prospect, stores: Stores) -> None:
    if prospect.replaced:
        before = await _platforms(prospect.replaced, prospect.reference, stores)
        after = [member.platform for member in prospect.members if member.platform]
        guard.refuse_shrink(prospect.what, before, after)


async def _platforms(manifest: Manifest, reference: Reference, stores: Stores) -> list[Platform]:
    """The platforms that a tag offers; of a single image its configuration says it, and artifacts have none."""
    if manifest.is_index:
        return [platform for platform, _ in offers(manifest).values() if platform]
    if manifest.as_image().config.media_type not in types.CONFIGS:
        return []
    return [await platform_of(manifest, stores.at(reference.place))]


async def _not_older(prospect: Prospect, legs: Legs, stores: Stores) -> None:
    if prospect.replaced:
        before = await origin_of_list(prospect.replaced, stores.at(prospect.reference.place))
        origins = await all_origins(list(prospect.members), legs, stores)
        root = prospect.root
        annotations = (root.as_index() if root.is_index else root.as_image()).annotations or {}
        after = Origin.of_all((origin for _, origin in origins), annotations)
        guard.refuse_older(prospect.what, before, after)
