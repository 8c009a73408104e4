"""Gathering the facts about one name, with as few requests as will do.

HEAD first: it says what a tag points at, and registries that count requests do not count it. What a digest names is
read once in a run, and not at all if an earlier run has read it; that it is in this repository is asked again.
"""

from datetime import UTC, datetime
from enum import IntEnum

from regtool.concurrency import each
from regtool.documents.descriptor import Descriptor
from regtool.documents.image import ImageConfig, ImageManifest
from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.documents.strict_json import load_object
from regtool.errors import ContentError, NotFoundError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Place, Reference
from regtool.operations.audit.once import Once
from regtool.planning.rules.facts import Child, Facts, Fault, Leg
from regtool.stores.cache import ContentCache
from regtool.stores.needs import is_distributed
from regtool.stores.places import Stores
from regtool.stores.read import read_blob
from regtool.values import dataclass

REVISION = "org.opencontainers.image.revision"

# How much is remembered of a run. A list is some kilobytes, a child some hundred bytes.
_LISTS = 256
_CHILDREN = 8192
_BLOBS = 32768


class Depth(IntEnum):
    """How far to look: the list alone, the images and their configurations, or also whether every blob is there."""

    LIST = 0
    IMAGES = 1
    BLOBS = 2


@dataclass(frozen=True, slots=True)
class _Key:
    """Content in one place."""

    place: Place
    descriptor: Descriptor

    def __hash__(self) -> int:
        return hash((self.place, self.descriptor.digest))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and (self.place, self.descriptor.digest) == (
            other.place,
            other.descriptor.digest,
        )


class Observer:
    """Looks at names for one run. What it has seen is shared by all of them."""

    def __init__(self, stores: Stores, cache: ContentCache, depth: Depth = Depth.IMAGES) -> None:
        self._stores = stores
        self._cache = cache
        self._depth = depth
        self._manifests = Once(self._read_list, _LISTS)
        self._children = Once(self._read_child, _CHILDREN)
        self._blobs = Once(self._has_blob, _BLOBS)

    async def facts(self, reference: Reference) -> Facts:
        """What there is to know about a name. Raises the registry's error if it cannot be looked at at all."""
        store = self._stores.at(reference.place)
        try:
            descriptor = await store.resolve(reference.selector)
        except ContentError as error:
            nothing = Descriptor.of("", Digest.of(b""), 0)
            return Facts(reference=reference, descriptor=nothing, fault=_fault(error))
        if descriptor.size > MAX_MANIFEST:
            return Facts(reference=reference, descriptor=descriptor)
        try:
            return await self._read(reference, descriptor)
        except ContentError as error:
            return Facts(reference=reference, descriptor=descriptor, fault=_fault(error))

    async def child(self, place: Place, entry: Descriptor) -> Child | None:
        """What is behind an entry in one place; None if it is not there."""
        return await self._children.get(_Key(place, entry))

    async def _read(self, reference: Reference, descriptor: Descriptor) -> Facts:
        if not types.is_index(descriptor.media_type):
            child = await self.child(reference.place, descriptor)
            if child and child.fault:
                return Facts(reference=reference, descriptor=descriptor, fault=child.fault)
            return Facts(reference=reference, descriptor=descriptor, legs=(Leg(0, descriptor, child),))
        manifest = await self._manifests.get(_Key(reference.place, descriptor))
        index = manifest.as_index()
        numbered = list(enumerate(index.manifests))
        legs = await each(lambda pair: self._leg(pair[0], pair[1], reference.place), numbered)
        return Facts(reference=reference, descriptor=descriptor, index=index, legs=tuple(legs))

    async def _leg(self, position: int, entry: Descriptor, place: Place) -> Leg:
        if self._depth is Depth.LIST:
            return Leg(position, entry, None, seen=False)
        child = await self.child(place, entry)
        known = entry.media_type in types.INDEXES | types.IMAGES
        # Lists may hold types that nobody here knows (image-spec, "Image Index Property Descriptions").
        if child and child.fault and not known:
            return Leg(position, entry, None, seen=False)
        return Leg(position, entry, child)

    async def _read_list(self, key: _Key) -> Manifest:
        return await self._manifest(key.place, key.descriptor)

    async def _read_child(self, key: _Key) -> Child | None:
        """What is behind a digest; None if the registry lacks it."""
        entry = key.descriptor
        store = self._stores.at(key.place)
        try:
            if entry.is_attestation and self._depth is not Depth.BLOBS:
                found = await store.resolve(entry.digest)
                return Child(media_type=found.media_type, size=found.size)
            cached = self._cache.read(entry.digest)
            if cached is not None:
                # What it is, is known; that it is here, is not.
                found = await store.resolve(entry.digest)
                manifest = Manifest.received(cached, found.media_type, str(key.place.at(entry.digest)), entry.digest)
            else:
                manifest = await self._manifest(key.place, entry)
            return await self._child(manifest, key.place)
        except NotFoundError:
            return None
        except ContentError as error:
            return Child(media_type=entry.media_type, size=entry.size, fault=_fault(error))

    async def _child(self, manifest: Manifest, place: Place) -> Child:
        size = len(manifest.content)
        if manifest.is_index:
            return Child(media_type=manifest.media_type, size=size)
        image = manifest.as_image()
        lacking = await self._lacking(image, place) if self._depth is Depth.BLOBS else ()
        foreign = tuple(layer.digest for layer in image.layers if layer.urls or not is_distributed(layer))
        try:
            config = await self._config(image, manifest.what, place)
        except NotFoundError:
            config, lacking = None, tuple({blob.digest: blob for blob in (image.config, *lacking)}.values())
        return Child(
            media_type=manifest.media_type,
            size=size,
            platform=config.platform if config else None,
            created=_moment(config.created) if config else None,
            revision=config.labels.get(REVISION, "") if config else "",
            foreign=foreign,
            lacking=lacking,
        )

    async def _lacking(self, image: ImageManifest, place: Place) -> tuple[Descriptor, ...]:
        blobs = [blob for blob in image.blobs if is_distributed(blob)]
        there = await each(lambda blob: self._blobs.get(_Key(place, blob)), blobs)
        return tuple(blob for blob, present in zip(blobs, there, strict=True) if not present)

    async def _has_blob(self, key: _Key) -> bool:
        return await self._stores.at(key.place).has_blob(key.descriptor)

    async def _manifest(self, place: Place, descriptor: Descriptor) -> Manifest:
        what = str(place.at(descriptor.digest))
        cached = self._cache.read(descriptor.digest)
        if cached is not None:
            return Manifest.received(cached, "", what, descriptor.digest)
        manifest = await self._stores.at(place).manifest(descriptor.digest)
        self._cache.keep(descriptor.digest, manifest.content)
        return manifest

    async def _config(self, image: ImageManifest, what: str, place: Place) -> ImageConfig | None:
        """The configuration of an image; None for other content, which has none that says a platform."""
        if image.config.media_type not in types.CONFIGS:
            return None
        name = f"config of {what}"
        content = self._cache.read(image.config.digest)
        if content is None:
            content = await read_blob(self._stores.at(place), image.config, name)
            self._cache.keep(image.config.digest, content)
        return ImageConfig.view(load_object(content, name), name)


def _fault(error: ContentError) -> Fault:
    why = f"{error.what} {error.why}" if error.what.startswith("config of") else error.why
    return Fault(why, ambiguous=error.ambiguous)


def _moment(text: str | None) -> datetime | None:
    """A time as configurations have it (RFC 3339); None if it is not one."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
