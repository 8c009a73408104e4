"""`diff`: two names, platform by platform."""

from collections.abc import Mapping
from dataclasses import field

from regtool.concurrency import both, each
from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import NotFoundError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations.members import read_config
from regtool.planning.difference import Change, offers
from regtool.planning.remarks import Remark, remarks
from regtool.stores.places import Stores
from regtool.stores.protocols import Source
from regtool.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One image of the two that are compared. `size` is what a client downloads, in bytes."""

    platform: Platform | None
    digest: Digest
    size: int = 0
    layers: tuple[Digest, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """One platform on both sides; None where it is not offered."""

    before: Side | None
    after: Side | None

    @property
    def platform(self) -> Platform | None:
        """The platform, if one is named."""
        side = self.after or self.before
        return side.platform if side else None

    @property
    def kind(self) -> Change:
        """The change in a word."""
        if self.before is None:
            return Change.ADDED
        if self.after is None:
            return Change.REMOVED
        return Change.SAME if self.before.digest == self.after.digest else Change.CHANGED

    @property
    def shared(self) -> int:
        """How many layers of the second image are in the first, too."""
        if self.before is None or self.after is None:
            return 0
        return len(set(self.before.layers) & set(self.after.layers))

    @property
    def labels(self) -> dict[str, tuple[str | None, str | None]]:
        """The labels that differ, each before and after."""
        if self.before is None or self.after is None:
            return {}
        old, new = self.before.labels, self.after.labels
        return {key: (old.get(key), new.get(key)) for key in sorted({*old, *new}) if old.get(key) != new.get(key)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two names, the platforms of both in the order of a written list, and what else is said differently of them."""

    before: Reference
    after: Reference
    digests: tuple[Digest, Digest]
    pairs: tuple[Pair, ...]
    remarks: tuple[Remark, ...] = ()

    @property
    def same(self) -> bool:
        """Whether every platform is the same on both sides."""
        return all(pair.kind is Change.SAME for pair in self.pairs)


async def diff(before: Reference, after: Reference, stores: Stores) -> Comparison:
    """Reads both names, and the images that differ with their configurations."""
    stores.expect(reads=[before.place, after.place])
    old, new = await both(
        stores.at(before.place).manifest(before.selector), stores.at(after.place).manifest(after.selector)
    )
    ours, theirs = await both(_offers(old, stores.at(before.place)), _offers(new, stores.at(after.place)))
    slots = sorted(ours.keys() | theirs.keys(), key=lambda slot: _order(*(theirs.get(slot) or ours[slot])))

    async def pair(slot: object) -> Pair:
        one, two = ours.get(slot), theirs.get(slot)
        if one and two and one[1].digest == two[1].digest and before.place == after.place:
            side = await _side(two, new, stores.at(after.place))
            return Pair(side, side)
        return Pair(*await both(_side(one, old, stores.at(before.place)), _side(two, new, stores.at(after.place))))

    return Comparison(before, after, (old.digest, new.digest), tuple(await each(pair, slots)), tuple(remarks(old, new)))


_Offer = tuple[Platform | None, Descriptor]


async def _offers(manifest: Manifest, store: Source) -> dict[object, _Offer]:
    """What a manifest offers; a single image by the platform of its configuration, so that it finds its partner."""
    if manifest.is_index or manifest.as_image().config.media_type not in types.CONFIGS:
        return offers(manifest)
    platform = (await read_config(manifest, store)).platform
    return {platform.slot: (platform, manifest.descriptor)}


async def _side(offer: _Offer | None, root: Manifest, store: Source) -> Side | None:
    if offer is None:
        return None
    platform, entry = offer
    try:
        manifest = root if entry.digest == root.digest else await store.manifest(entry.digest)
        if manifest.is_index:
            return Side(platform=platform, digest=entry.digest)
        image = manifest.as_image()
        has_config = image.config.media_type in types.CONFIGS
        labels = (await read_config(manifest, store)).labels if has_config else {}
    except NotFoundError:
        return Side(platform=platform, digest=entry.digest, missing=True)
    layers = tuple(layer.digest for layer in image.layers)
    return Side(platform=platform, digest=entry.digest, size=image.size, layers=layers, labels=labels)


def _order(platform: Platform | None, entry: Descriptor) -> tuple[object, ...]:
    return (platform is None, platform.order if platform else (), str(entry.digest))
