"""From sources to members: what each source brings into a list, and for which platform."""

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Self

from regtool.concurrency import each
from regtool.documents.descriptor import Descriptor
from regtool.documents.image import ImageConfig
from regtool.documents.index import Index
from regtool.documents.manifest import Manifest
from regtool.documents.strict_json import load_object
from regtool.errors import ContentError, UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Place, Reference
from regtool.operations.events import Listener, Note, SourceRead, ignore
from regtool.planning.member import Member
from regtool.stores.places import Stores
from regtool.stores.protocols import Source
from regtool.stores.read import read_blob
from regtool.values import dataclass

MAX_NESTING = 8


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One source as the user names it: where it is, and the platform if the user says it."""

    reference: Reference
    platform: Platform | None = None

    @classmethod
    def parse(cls, text: str, target: Place) -> Self:
        """Reads `REFERENCE[=PLATFORM]`; a bare digest is in the target's place. Raises UsageError."""
        name, equals, platform = text.rpartition("=") if "=" in text else (text, "", "")
        if "/" not in name and name.partition(":")[0] in ("sha256", "sha512"):
            reference = target.at(Digest.parse(name))
        else:
            reference = Reference.parse(name)
        return cls(reference, Platform.parse(platform) if equals else None)


@dataclass(frozen=True, slots=True)
class Legs:
    """What a set of sources brings: the members in order, and what each source was when it was read.

    `manifests` and `configs` are what was read of images on the way, by the digest of the image.
    """

    members: tuple[Member, ...]
    sources: dict[Reference, Digest] = field(default_factory=dict)
    manifests: dict[Digest, Manifest] = field(default_factory=dict)
    configs: dict[Digest, ImageConfig] = field(default_factory=dict)

    @classmethod
    def together(cls, legs: Sequence["Legs"]) -> Self:
        """Several as one."""
        return cls(
            tuple(member for leg in legs for member in leg.members),
            {source: digest for leg in legs for source, digest in leg.sources.items()},
            {digest: manifest for leg in legs for digest, manifest in leg.manifests.items()},
            {digest: config for leg in legs for digest, config in leg.configs.items()},
        )


async def resolve_members(sources: Sequence[SourceSpec], stores: Stores, listen: Listener = ignore) -> Legs:
    """Reads all sources at once. Indexes are flattened, attestations stay with their image. The order is kept."""
    return Legs.together(await each(lambda source: _read(source, stores, listen), sources))


async def _read(source: SourceSpec, stores: Stores, listen: Listener) -> Legs:
    store = stores.at(source.reference.place)
    manifest = await store.manifest(source.reference.selector)
    legs = await members_of(manifest, source, store, listen)
    listen(SourceRead(source.reference, manifest.digest, len(legs.members)))
    return legs


async def members_of(manifest: Manifest, source: SourceSpec, store: Source, listen: Listener = ignore) -> Legs:
    """What a manifest that was read from `source` brings."""
    if manifest.is_index:
        members = await _flatten(manifest, source.reference, store, listen)
        legs = Legs(tuple(members), {source.reference: manifest.digest})
    else:
        legs = await _single(manifest, source, store)
    if source.platform:
        return replace(legs, members=(_relabelled(legs.members, source, source.platform),))
    return legs


async def _single(manifest: Manifest, source: SourceSpec, store: Source) -> Legs:
    """A source that is one image. Its configuration is read unless the user names the platform."""
    config = None if source.platform else await read_config(manifest, store)
    platform = config.platform.normalized() if config else source.platform
    return Legs(
        (Member(source.reference, manifest.descriptor, platform),),
        {source.reference: manifest.digest},
        {manifest.digest: manifest},
        {manifest.digest: config} if config else {},
    )


async def platform_of(manifest: Manifest, store: Source) -> Platform:
    """The platform of an image by its own configuration, normalised. Raises ContentError if it is no image."""
    return (await read_config(manifest, store)).platform.normalized()


async def read_config(manifest: Manifest, store: Source) -> ImageConfig:
    """The configuration of an image. Raises ContentError if the manifest is no image of a known kind."""
    config = manifest.as_image().config
    if config.media_type not in types.CONFIGS:
        raise ContentError(
            manifest.what,
            f"is no image: its config is {config.media_type}",
            "name a platform with SOURCE=os/arch to list it anyway",
        )
    what = f"config of {manifest.what}"
    return ImageConfig.view(load_object(await read_blob(store, config, what), what), what)


async def _flatten(
    manifest: Manifest, source: Reference, store: Source, listen: Listener, depth: int = 1
) -> list[Member]:
    """The images of an index, those of indexes within it included, each with its attestations."""
    if depth > MAX_NESTING:
        raise ContentError(str(source), f"lists are nested deeper than {MAX_NESTING} levels")
    index = manifest.as_index()
    if index.annotations:
        listen(Note(f"the annotations of {manifest.what} stay with it; give --annotation for the new list"))
    groups = await each(lambda entry: _entry(entry, source, store, listen, depth), index.images)
    return _paired([member for group in groups for member in group], index, manifest.what, listen)


async def _entry(entry: Descriptor, source: Reference, store: Source, listen: Listener, depth: int) -> list[Member]:
    """One row of an index: an image, a list of its own, or something that is not run anywhere."""
    if entry.is_index:
        inner = await store.manifest(entry.digest)
        return await _flatten(inner, source, store, listen, depth + 1)
    platform = entry.platform.value.spelled_out() if entry.platform else await _unnamed(entry, store)
    return [Member(source, entry, platform)]


async def _unnamed(entry: Descriptor, store: Source) -> Platform | None:
    """The platform of a row that names none: its configuration's, if it is an image at all."""
    if entry.media_type not in types.IMAGES or entry.artifact_type:
        return None
    manifest = await store.manifest(entry.digest)
    is_image = manifest.as_image().config.media_type in types.CONFIGS
    return await platform_of(manifest, store) if is_image else None


def _paired(members: list[Member], index: Index, what: str, listen: Listener) -> list[Member]:
    """Gives every member the attestations of its image. One that attests to no image here is left out, and said so."""
    for lost in index.attestations:
        if not any(member.digest == lost.attests for member in members):
            listen(Note(f"{lost.digest} in {what} attests to no image there and is left out"))
    return [
        replace(member, attestations=(*member.attestations, *_attesting(member.digest, index.attestations)))
        for member in members
    ]


def _attesting(image: Digest, attestations: list[Descriptor]) -> list[Descriptor]:
    return [attestation for attestation in attestations if attestation.attests == image]


def _relabelled(members: Sequence[Member], source: SourceSpec, platform: Platform) -> Member:
    """The one image of a source under the platform that the user names for it."""
    images = [member for member in members if member.platform]
    if len(images) != 1:
        raise UsageError(
            f"{source.reference}={platform}",
            f"holds {len(images)} images, not one",
            "name the one you mean by its digest",
        )
    return replace(images[0], platform=platform)
