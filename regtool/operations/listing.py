"""`ls`: the tags of a place, and the platforms of each."""

from collections.abc import AsyncIterator

from regtool.concurrency import DEFAULT_LIMIT, each
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Place, Tag
from regtool.operations.members import platform_of
from regtool.stores.places import Stores
from regtool.stores.protocols import Source
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class TagEntry:
    """One tag, what it points at, and which platforms that offers."""

    tag: Tag
    digest: Digest
    platforms: tuple[Platform, ...]


def list_tags(place: Place, stores: Stores) -> AsyncIterator[Tag]:
    """Every tag of a place, in its own order, as the pages come in."""
    return stores.at(place).tags()


async def list_platforms(place: Place, stores: Stores) -> AsyncIterator[TagEntry]:
    """Every tag with its platforms; the tags of a window are read at once, so memory stays flat."""
    store = stores.at(place)
    window: list[Tag] = []
    async for tag in store.tags():
        window.append(tag)
        if len(window) == 4 * DEFAULT_LIMIT:
            for entry in await each(lambda one: _entry(one, store), window):
                yield entry
            window = []
    for entry in await each(lambda one: _entry(one, store), window):
        yield entry


async def _entry(tag: Tag, store: Source) -> TagEntry:
    """What a tag offers. Charts, signatures and other artifacts have tags, too, and offer no platform."""
    manifest = await store.manifest(tag)
    if manifest.is_index:
        named = [entry.platform.value for entry in manifest.as_index().images if entry.platform]
        return TagEntry(tag, manifest.digest, tuple(dict.fromkeys(named)))
    is_image = manifest.as_image().config.media_type in types.CONFIGS
    platforms = (await platform_of(manifest, store),) if is_image else ()
    return TagEntry(tag, manifest.digest, platforms)
