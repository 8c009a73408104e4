"""`inspect` and `resolve`: what a name stands for."""

from regtool.concurrency import each
from regtool.documents.descriptor import Descriptor
from regtool.documents.image import ImageConfig, ImageManifest
from regtool.documents.manifest import Manifest
from regtool.errors import NotFoundError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations.members import read_config
from regtool.stores.places import Stores
from regtool.stores.protocols import Source
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list, or the single image itself.

    `size` is what a client downloads for it, in bytes; None for what is no image, or is missing in the registry.
    """

    descriptor: Descriptor
    platform: Platform | None
    size: int | None
    attestations: tuple[Descriptor, ...] = ()
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a reference stands for: the manifest itself, and its entries with their attestations folded in."""

    reference: Reference
    manifest: Manifest
    rows: tuple[Row, ...]
    unpaired: tuple[Descriptor, ...] = ()

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations of the manifest itself."""
        view = self.manifest.as_index() if self.manifest.is_index else self.manifest.as_image()
        return view.annotations or {}


@dataclass(frozen=True, slots=True)
class ImageInspection:
    """One image, with its configuration."""

    reference: Reference
    descriptor: Descriptor
    manifest: ImageManifest
    config: ImageConfig


async def inspect(reference: Reference, stores: Stores) -> Inspection:
    """Reads a list with the sizes of its images, or a single image with its platform."""
    store = stores.at(reference.place)
    manifest = await store.manifest(reference.selector)
    if not manifest.is_index:
        return Inspection(reference, manifest, (await _single(manifest, store),))
    index = manifest.as_index()
    rows = await each(lambda entry: _row(entry, index.attestations, store), index.images)
    paired = {attestation.digest for row in rows for attestation in row.attestations}
    return Inspection(reference, manifest, tuple(rows), tuple(a for a in index.attestations if a.digest not in paired))


async def inspect_platform(reference: Reference, platform: Platform, stores: Stores) -> ImageInspection:
    """Reads the one image of a reference that is for `platform`, with its configuration. Raises NotFoundError."""
    store = stores.at(reference.place)
    manifest = await _image_for(reference, platform, store)
    return ImageInspection(reference, manifest.descriptor, manifest.as_image(), await read_config(manifest, store))


async def read(reference: Reference, stores: Stores, platform: Platform | None = None) -> Manifest:
    """The manifest of a reference, or of its image for `platform`, as its exact bytes."""
    store = stores.at(reference.place)
    if platform is None:
        return await store.manifest(reference.selector)
    return await _image_for(reference, platform, store)


async def resolve(reference: Reference, stores: Stores, platform: Platform | None = None) -> Digest:
    """The digest of a reference, or of its image for `platform`; by HEAD where that is enough."""
    store = stores.at(reference.place)
    if platform is None:
        return (await store.resolve(reference.selector)).digest
    manifest = await store.manifest(reference.selector)
    if manifest.is_index:
        return (await _entry_within(manifest, platform, store)).digest
    return (await _checked(manifest, platform, store)).digest


def entry_for(manifest: Manifest, platform: Platform) -> Descriptor:
    """The entry of a list for `platform`: the first that fits, as clients choose. Raises NotFoundError."""
    images = [entry for entry in manifest.as_index().images if entry.platform]
    for entry in images:
        if entry.platform and entry.platform.value.satisfies(platform):
            return entry
    offered = ", ".join(str(entry.platform.value) for entry in images if entry.platform)
    raise NotFoundError(manifest.what, f"has no image for {platform}", f"it has {offered or 'none at all'}")


async def _image_for(reference: Reference, platform: Platform, store: Source) -> Manifest:
    manifest = await store.manifest(reference.selector)
    if manifest.is_index:
        return await store.manifest((await _entry_within(manifest, platform, store)).digest)
    return await _checked(manifest, platform, store)


async def _entry_within(manifest: Manifest, platform: Platform, store: Source) -> Descriptor:
    """The entry for `platform` that is an image, in lists within lists as well."""
    entry = entry_for(manifest, platform)
    while types.is_index(entry.media_type):
        entry = entry_for(await store.manifest(entry.digest), platform)
    return entry


async def _checked(manifest: Manifest, platform: Platform, store: Source) -> Manifest:
    found = (await read_config(manifest, store)).platform
    if not found.satisfies(platform):
        raise NotFoundError(manifest.what, f"is an image for {found}, not for {platform}")
    return manifest


async def _single(manifest: Manifest, store: Source) -> Row:
    image = manifest.as_image()
    is_image = image.config.media_type in types.CONFIGS
    platform = (await read_config(manifest, store)).platform if is_image else None
    return Row(manifest.descriptor, platform, image.size)


async def _row(entry: Descriptor, attestations: list[Descriptor], store: Source) -> Row:
    platform = entry.platform.value if entry.platform else None
    attesting = tuple(attestation for attestation in attestations if attestation.attests == entry.digest)
    if entry.media_type not in types.IMAGES:
        return Row(entry, platform, None, attesting)
    try:
        manifest = await store.manifest(entry.digest)
    except NotFoundError:
        return Row(entry, platform, None, attesting, missing=True)
    return Row(entry, platform, manifest.as_image().size, attesting)
