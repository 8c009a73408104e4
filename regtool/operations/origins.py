"""Reading where images come from: the revision, version and moment that they say themselves."""

from regtool.concurrency import each
from regtool.documents.descriptor import Descriptor
from regtool.documents.image import ImageConfig
from regtool.documents.manifest import Manifest
from regtool.model import media_type as types
from regtool.operations.members import Legs, read_config
from regtool.planning.member import Member
from regtool.planning.origin import Origin
from regtool.stores.places import Stores
from regtool.stores.protocols import Source


def known_origins(members: list[Member], legs: Legs) -> list[tuple[Member, Origin]]:
    """The origins of the members whose configurations were read anyway."""
    return [
        (member, _origin(legs.manifests[member.digest], legs.configs[member.digest]))
        for member in members
        if member.digest in legs.configs
    ]


async def all_origins(members: list[Member], legs: Legs, stores: Stores) -> list[tuple[Member, Origin]]:
    """The origins of all members, each read unless it is known. What is no image has none and is left out."""
    known = {member.digest: origin for member, origin in known_origins(members, legs)}
    images = [member for member in members if member.platform and member.descriptor.media_type in types.IMAGES]

    async def find(member: Member) -> Origin:
        return known.get(member.digest) or await _read(member.descriptor, stores.at(member.source.place))

    return list(zip(images, await each(find, images), strict=True))


async def origin_of_list(manifest: Manifest, store: Source) -> Origin:
    """The origin of what a tag holds: of its images together, or of the one image that it is."""
    if not manifest.is_index:
        return await _read(manifest.descriptor, store)
    index = manifest.as_index()
    images = [entry for entry in index.images if entry.media_type in types.IMAGES]
    return Origin.of_all(await each(lambda entry: _read(entry, store), images), index.annotations or {})


async def _read(descriptor: Descriptor, store: Source) -> Origin:
    manifest = await store.manifest(descriptor.digest)
    if manifest.as_image().config.media_type not in types.CONFIGS:
        return Origin()
    return _origin(manifest, await read_config(manifest, store))


def _origin(manifest: Manifest, config: ImageConfig) -> Origin:
    return Origin.of(config.labels, manifest.as_image().annotations or {}, config.created)
