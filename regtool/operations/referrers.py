"""What is said about an image: signatures, SBOMs, attestations that name it as their subject, wherever they are listed.

A registry lists them itself (the referrers API), or under a tag named after the subject's digest; cosign's older
signatures are tags of another name, whose manifests name no subject at all.
"""

from collections.abc import Iterable

from regtool.concurrency import each
from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ContentError, NotFoundError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Place, Reference, Repository, Tag
from regtool.operations.readback import digest_now
from regtool.operations.transfer import MAX_MANIFESTS, MAX_NESTING, plan_one
from regtool.planning.plan import Plan, TagMove
from regtool.stores.fallback_tag import listed_by_tag
from regtool.stores.needs import needs
from regtool.stores.places import Stores
from regtool.stores.protocols import Refers, Store
from regtool.values import dataclass

_COSIGN = ("sig", "att", "sbom")


@dataclass(frozen=True, slots=True)
class Referred:
    """A manifest, what is about it, and, for a list, what is about each of its entries."""

    descriptor: Descriptor
    referrers: tuple["Referred", ...] = ()
    signatures: tuple[tuple[Tag, Digest], ...] = ()  # cosign's tags
    entries: tuple["Referred", ...] = ()


async def read_referrers(reference: Reference, stores: Stores) -> Referred:
    """Everything that is about a manifest and about the manifests in it, and about those in turn."""
    store = stores.at(reference.place)
    return await _Walk(reference.place, store).below(await store.manifest(reference.selector))


async def referrers_of(place: Place, store: Store, subject: Digest) -> list[Descriptor]:
    """What a place lists as being about a manifest, each once."""
    listed: list[Descriptor] | None = None
    if isinstance(store, Refers):
        try:
            listed = await store.referrers(subject)
        except NotFoundError:
            listed = None
    if listed is None or not isinstance(place, Repository):  # tools also write that tag into layouts
        tagged = await listed_by_tag(store, subject)
        listed = [*(listed or []), *(tagged.as_index().manifests if tagged else [])]
    return list({one.digest: one for one in listed}.values())


async def plan_referrers(root: Manifest, origin: Place, target: Place, stores: Stores) -> tuple[Plan, ...]:
    """Works out how everything that is about a manifest gets to where the manifest goes. Writes nothing."""
    if origin == target:
        return ()
    found = await _Walk(origin, stores.at(origin)).below(root)
    along = {one.descriptor.digest: one.descriptor for one in _flat(found, with_self=False)}
    plans = await each(lambda one: _plan(one, origin, target, stores), along.values())
    signatures = dict(pair for one in _flat(found, with_self=True) for pair in one.signatures)
    return (*plans, *await each(lambda pair: _plan_tag(*pair, origin, target, stores), signatures.items()))


def _flat(found: Referred, *, with_self: bool) -> Iterable[Referred]:
    """Everything in the tree; without the manifests that it is about, if wanted."""
    if with_self:
        yield found
    for entry in found.entries:
        yield from _flat(entry, with_self=with_self)
    for one in found.referrers:
        yield from _flat(one, with_self=True)


class _Walk:
    """Goes through the graph of one place, to each manifest once."""

    def __init__(self, place: Place, store: Store) -> None:
        self._place = place
        self._store = store
        self._seen: set[Digest] = set()

    async def below(self, manifest: Manifest, depth: int = 0) -> Referred:
        """What is about a manifest that has been read."""
        self._seen.add(manifest.digest)
        entries = needs(manifest) if manifest.is_index else []
        return await self._at(manifest.descriptor, entries, depth)

    async def _at(self, descriptor: Descriptor, entries: list[Descriptor], depth: int) -> Referred:
        if depth > MAX_NESTING:
            raise ContentError(str(self._place.at(descriptor.digest)), f"has a chain of more than {depth} about it")
        referrers = await self._each(await referrers_of(self._place, self._store, descriptor.digest), depth)
        # An attestation may also name its image as its subject: it is looked for there before it counts for itself.
        images = await self._each([entry for entry in entries if not entry.is_attestation], depth)
        rest = await self._each([entry for entry in entries if entry.is_attestation], depth)
        return Referred(descriptor, referrers, await self._signatures(descriptor.digest), (*images, *rest))

    async def _each(self, descriptors: list[Descriptor], depth: int) -> tuple[Referred, ...]:
        return tuple(await each(lambda one: self._one(one, depth), self._new(descriptors)))

    async def _one(self, descriptor: Descriptor, depth: int) -> Referred:
        """What is about another manifest; only of a list are the bytes needed."""
        entries = []
        if descriptor.is_index:
            entries = needs(await self._store.manifest(descriptor.digest))
        return await self._at(descriptor, entries, depth + 1)

    def _new(self, descriptors: list[Descriptor]) -> list[Descriptor]:
        new = [one for one in descriptors if one.media_type in types.INDEXES | types.IMAGES]
        new = [one for one in new if one.digest not in self._seen]
        self._seen |= {one.digest for one in new}
        if len(self._seen) > MAX_MANIFESTS:
            raise ContentError(str(self._place), f"has more than {MAX_MANIFESTS} manifests about one another")
        return new

    async def _signatures(self, subject: Digest) -> tuple[tuple[Tag, Digest], ...]:
        tags = [Tag(f"{subject.algorithm}-{subject.hex[:64]}.{kind}") for kind in _COSIGN]
        found = await each(lambda tag: digest_now(self._store, tag), tags)
        return tuple((tag, digest) for tag, digest in zip(tags, found, strict=True) if digest)


async def _plan(one: Descriptor, origin: Place, target: Place, stores: Stores) -> Plan:
    """One referrer. It is written even if it is there: its listing may have been cut off."""
    return await plan_one(await stores.at(origin).manifest(one.digest), (), origin, target, stores)


async def _plan_tag(tag: Tag, digest: Digest, origin: Place, target: Place, stores: Stores) -> Plan:
    manifest = await stores.at(origin).manifest(digest)
    move = TagMove(tag, digest, await digest_now(stores.at(target), tag))
    return await plan_one(manifest, (move,), origin, target, stores)
