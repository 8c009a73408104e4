"""What a place lacks of some manifests that lie elsewhere."""

from collections.abc import Iterable, Mapping, Sequence

from regtool.concurrency import each
from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ContentError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Place
from regtool.planning.plan import BlobMove, Plan, TagMove
from regtool.stores.needs import needs, withheld
from regtool.stores.places import Stores
from regtool.values import dataclass

MAX_NESTING = 8
MAX_MANIFESTS = 100_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A manifest that the target will need, and the place that has it."""

    descriptor: Descriptor
    origin: Place


@dataclass(frozen=True, slots=True)
class Missing:
    """What has to be brought: blobs first, then manifests, those of lists before the lists."""

    blobs: tuple[BlobMove, ...] = ()
    manifests: tuple[Manifest, ...] = ()


async def missing_from(
    target: Place,
    wanted: Sequence[Wanted],
    known: Mapping[Digest, Manifest],
    stores: Stores,
    made: Mapping[Digest, Manifest] | None = None,
) -> Missing:
    """What `target` lacks of these manifests, and of what they are made of down to the last blob.

    A manifest that is there has all that it needs, or it would not be. `known` are manifests read before, so that none
    is read twice; `made` are new, no place has them. An entry of a type that nobody knows is brought as a blob. Raises
    ContentError for lists that are nested too deeply.
    """
    search = _Search(target, known, stores, made or {})
    level: Sequence[Wanted] = wanted
    for _ in range(MAX_NESTING + 1):
        level = await search.deeper(level)
        if not level:
            return search.result()
    raise ContentError(str(level[0].descriptor.digest), f"is nested deeper than {MAX_NESTING} lists")


async def plan_one(
    root: Manifest,
    tags: tuple[TagMove, ...],
    origin: Place,
    target: Place,
    stores: Stores,
    made: Mapping[Digest, Manifest] | None = None,
) -> Plan:
    """The plan that brings one manifest from its place to another, with all that it is made of and these tags."""
    missing = await missing_from(target, [Wanted(root.descriptor, origin)], {root.digest: root}, stores, made)
    children = tuple(one for one in missing.manifests if one.digest != root.digest)
    return Plan(target, missing.blobs, children, root, tags)


class _Search:
    """Goes down level by level, each level's questions at once."""

    def __init__(
        self, target: Place, known: Mapping[Digest, Manifest], stores: Stores, made: Mapping[Digest, Manifest]
    ) -> None:
        self._target = target
        self._known = {**known, **made}
        self._made = made
        self._stores = stores
        self._seen: set[Digest] = set()
        self._blobs: dict[Digest, BlobMove] = {}
        self._found: dict[Digest, Manifest] = {}

    async def deeper(self, level: Iterable[Wanted]) -> list[Wanted]:
        """Takes what the target lacks of one level, and returns what that is made of."""
        new = {one.descriptor.digest: one for one in level if self._may_lack(one)}
        self._seen |= new.keys()
        if len(self._seen) > MAX_MANIFESTS:
            raise ContentError(str(self._target), f"would need more than {MAX_MANIFESTS} manifests")
        manifests = [one for one in new.values() if one.descriptor.media_type in types.INDEXES | types.IMAGES]
        self._take_blobs(one for one in new.values() if one not in manifests)
        there = await each(lambda one: self._stores.at(self._target).has_manifest(one.descriptor.digest), manifests)
        lacking = [one for one, present in zip(manifests, there, strict=True) if not present]
        fetched = await each(self._fetch, lacking)
        await self._take_withheld(lacking, fetched)
        return [part for one, manifest in zip(lacking, fetched, strict=True) for part in self._parts(manifest, one)]

    async def _take_withheld(self, lacking: Sequence[Wanted], fetched: Sequence[Manifest]) -> None:
        """Takes layers that need not be there and are: without them the copy could not be pulled from anywhere."""
        parts = [
            Wanted(blob, one.origin)
            for one, manifest in zip(lacking, fetched, strict=True)
            for blob in withheld(manifest)
        ]
        there = await each(lambda one: self._stores.at(one.origin).has_blob(one.descriptor), parts)
        self._take_blobs(one for one, present in zip(parts, there, strict=True) if present)

    def _may_lack(self, one: Wanted) -> bool:
        """Whether this is to be looked for: what comes from the target itself is there, unless it is new."""
        digest = one.descriptor.digest
        return digest not in self._seen and (one.origin != self._target or digest in self._made)

    def result(self) -> Missing:
        """Everything that has been found; what a list holds stands before it."""
        ordered: dict[Digest, Manifest] = {}

        def add(digest: Digest) -> None:
            manifest = self._found.get(digest)
            if manifest is None or digest in ordered:
                return
            for part in needs(manifest) if manifest.is_index else ():
                add(part.digest)
            ordered[digest] = manifest

        for digest in self._found:
            add(digest)
        return Missing(tuple(self._blobs.values()), tuple(ordered.values()))

    async def _fetch(self, one: Wanted) -> Manifest:
        digest = one.descriptor.digest
        return self._known.get(digest) or await self._stores.at(one.origin).manifest(digest)

    def _parts(self, manifest: Manifest, one: Wanted) -> list[Wanted]:
        """Takes a manifest. Of an image it takes the blobs, too; of a list it returns the entries."""
        what, listed = str(one.origin.at(manifest.digest)), one.descriptor
        if manifest.media_type != listed.media_type:
            raise ContentError(what, f"is {manifest.media_type}, but is listed as {listed.media_type}")
        if len(manifest.content) != listed.size:
            raise ContentError(what, f"is {len(manifest.content)} bytes, but is listed with {listed.size}")
        self._found[manifest.digest] = manifest
        parts = [Wanted(part, one.origin) for part in needs(manifest)]
        if manifest.is_index:
            return parts
        self._take_blobs(parts)
        return []

    def _take_blobs(self, blobs: Iterable[Wanted]) -> None:
        for one in blobs:
            if one.origin != self._target:
                self._blobs.setdefault(one.descriptor.digest, BlobMove(one.descriptor, one.origin))
