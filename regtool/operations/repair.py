"""`repair`: what the rules find and can mend, mended: the list is changed, and what is missing is brought."""

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Self

from regtool.concurrency import each
from regtool.documents.index import Index
from regtool.documents.manifest import Manifest
from regtool.errors import ContentError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Place, Reference, Tag, place_of
from regtool.operations.audit.look import Depth, Observer
from regtool.operations.events import Listener, ignore
from regtool.operations.publish import publish
from regtool.operations.readback import digest_now
from regtool.operations.refill import Supply, supply_for
from regtool.operations.transfer import Missing, missing_from
from regtool.planning.difference import PlatformChange, difference
from regtool.planning.mend import Mended, mend
from regtool.planning.plan import Plan, TagMove
from regtool.planning.remarks import Remark, remarks
from regtool.planning.repairs import Refill, SplitFamilies, families
from regtool.planning.rules.catalogue import Selection, judge
from regtool.planning.rules.facts import Facts
from regtool.planning.rules.finding import Finding
from regtool.stores.cache import ContentCache
from regtool.stores.places import Stores
from regtool.values import dataclass

DOCKER_SUFFIX = "-docker"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairRequest:
    """What to repair, by which rules, and under which tags the result goes.

    `origin` is a place that may have what is missing. `split` gives Docker's images a list of their own, under the tag
    with `-docker` behind it.
    """

    reference: Reference
    tags: tuple[Tag, ...]
    origin: Place | None = None
    selection: Selection = field(default_factory=Selection)
    depth: Depth = Depth.IMAGES
    split: bool = False

    @classmethod
    def parse(
        cls,
        reference: str,
        *,
        tags: Sequence[str] = (),
        origin: str | None = None,
        only: Sequence[str] = (),
        deep: bool = False,
        split: bool = False,
    ) -> Self:
        """Reads the words of the command line. Without `tags` that of the reference is written. Raises UsageError."""
        named = Reference.parse(reference)
        own = (named.tag,) if named.tag else ()
        written = tuple(dict.fromkeys(named.place.tag(tag) for tag in tags)) or own
        if split and len(written) != 1:
            raise UsageError(reference, "a split needs one tag to name its two lists after", "give one with -t")
        codes = tuple(word for text in only for word in text.split(",") if word)
        return cls(
            reference=named,
            tags=written,
            origin=place_of(origin) if origin else None,
            selection=Selection(codes),
            depth=Depth.BLOBS if deep else Depth.IMAGES,
            split=split,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What `repair` has found and will write, or has written. `left` are the findings that stay."""

    place: Place
    plans: tuple[Plan, ...]
    before: Manifest
    made: tuple[Finding, ...]
    left: tuple[Finding, ...]

    @property
    def results(self) -> list[Reference]:
        """The lists by digest: what there will be, or what there is if nothing is to be done."""
        return [plan.result for plan in self.plans] or [self.place.at(self.before.digest)]

    @property
    def changes(self) -> list[PlatformChange]:
        """The difference by platform; of a split the one of the tag that was read."""
        return difference(self.before, self.plans[0].root) if self.plans else []

    @property
    def remarks(self) -> list[Remark]:
        """The difference in annotations and attestations, of the same list."""
        return remarks(self.before, self.plans[0].root) if self.plans else []


async def plan_repair(request: RepairRequest, stores: Stores, cache: ContentCache) -> Repair:
    """Looks at the list as `audit` does, and works out what to write. Writes nothing."""
    place, origin = request.reference.place, request.origin
    stores.expect(writes=[place], reads=[origin] if origin else [])
    observer = Observer(stores, cache, request.depth)
    facts = await observer.facts(request.reference)
    before = await _read(facts, stores)
    supply = await supply_for(facts, origin, observer, stores) if origin else Supply()
    full = facts.with_children(supply.children)
    mended = mend(full, request.selection)
    missing = await missing_from(place, supply.manifests, {}, stores)
    bring = Missing((*missing.blobs, *supply.blobs), missing.manifests)
    roots = _roots(request, before, full.index, mended)
    plans = [await _plan(request, bring, root, tags, before.digest, stores) for root, tags in roots.items()]
    made = (*_brought(facts, full, supply, request.selection), *mended.made)
    left = mended.left
    if len(roots) > 1:
        split = tuple(one for one in left if isinstance(one.repair, SplitFamilies))
        made, left = (*made, *split), tuple(one for one in left if one not in split)
    return Repair(place=place, plans=tuple(plan for plan in plans if _does(plan)), before=before, made=made, left=left)


async def repair(request: RepairRequest, stores: Stores, cache: ContentCache, listen: Listener = ignore) -> Repair:
    """Repairs a list and publishes it under the tags of the request."""
    found = await plan_repair(request, stores, cache)
    await publish(found.plans, stores, listen)
    return found


async def _read(facts: Facts, stores: Stores) -> Manifest:
    """The exact bytes that are there now. Raises ContentError for what no repair can mend."""
    what = str(facts.reference)
    if facts.fault:
        raise ContentError(what, facts.fault.why, "no repair can tell what was meant; publish it anew")
    if not facts.legs:
        raise ContentError(what, f"is {facts.descriptor.size} bytes and no image in it", "publish it anew")
    return await stores.at(facts.reference.place).manifest(facts.descriptor.digest)


def _roots(
    request: RepairRequest, before: Manifest, index: Index | None, mended: Mended
) -> dict[Manifest, tuple[Tag, ...]]:
    """The lists to publish, each with its tags. What no repair has touched stays the bytes that it was."""
    after = mended.facts.index
    if after is None:
        return {before: request.tags}
    if not after.images:
        raise UsageError(before.what, "would have no image left", "bring the missing ones with --from REPO")
    if request.split and any(isinstance(one.repair, SplitFamilies) for one in mended.left):
        oci, docker = families(after, before.what)
        (tag,) = request.tags
        return {_list(oci, before): (tag,), _list(docker, before): (Tag(f"{tag}{DOCKER_SUFFIX}"),)}
    return {before if after is index else _list(after, before): request.tags}


def _list(index: Index, before: Manifest) -> Manifest:
    return Manifest.written(index.media_type or before.media_type, index.to_bytes(), before.what)


async def _plan(
    request: RepairRequest, bring: Missing, root: Manifest, tags: Sequence[Tag], was: Digest, stores: Stores
) -> Plan:
    """A plan for one list. A tag that points there already is left alone, so that only what is missing is written."""
    place = request.reference.place

    async def held(tag: Tag) -> Digest | None:
        return was if request.reference.selector == tag else await digest_now(stores.at(place), tag)

    moves = [TagMove(tag, root.digest, now) for tag, now in zip(tags, await each(held, tags), strict=True)]
    return Plan(place, bring.blobs, bring.manifests, root, tuple(move for move in moves if move.changes), guarded=True)


def _does(plan: Plan) -> bool:
    return bool(plan.tags or plan.children or plan.blobs)


def _brought(facts: Facts, full: Facts, supply: Supply, selection: Selection) -> tuple[Finding, ...]:
    """The findings that are gone once what is missing has been brought, which is their repair then."""
    left = judge(full, selection)
    refill = Refill(tuple(supply.children))
    return tuple(replace(one, repair=refill) for one in judge(facts, selection) if one not in left)
