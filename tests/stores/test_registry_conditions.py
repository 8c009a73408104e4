"""Looking and comparing: what is asked of a registry before and while a tag moves."""

from collections.abc import AsyncIterator

import pytest

from regtool import ConflictError, Repository, Stores, Tag
from regtool.documents.manifest import Manifest
from regtool.stores.registry import RegistryStore
from tests.images import push_image
from tests.registries import RunningRegistry

NEW, LATEST = Tag("new"), Tag("latest")


@pytest.fixture
async def stores() -> AsyncIterator[Stores]:
    async with Stores() as opened:
        yield opened


async def opened(registry: RunningRegistry, repository: str, stores: Stores) -> tuple[RegistryStore, list[Manifest]]:
    """A store that may write, and two images in it: `one`, which is `latest` too, and `two`."""
    for tag, architecture in (("one", "amd64"), ("latest", "amd64"), ("two", "arm64")):
        push_image(registry, repository, tag, config={"architecture": architecture})
    place = Repository(registry.host, repository)
    stores.expect(writes=[place])
    store = stores.at(place)
    return store, [await store.manifest(Tag(name)) for name in ("one", "two")]


async def test_a_look_is_one_head_and_nothing_is_none(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    store, (one, _) = await opened(registry, repository, stores)
    mark = registry.mark()

    assert await store.look(LATEST) == await store.look(one.digest) == one.digest
    assert await store.look(NEW) is None
    assert {asked.method for asked in registry.requests_since(mark)} == {"HEAD"}


async def test_a_registry_that_compares_moves_a_tag_only_from_what_was_seen(
    embedded_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    store, (one, two) = await opened(embedded_registry, repository, stores)
    await store.tag_if(two, LATEST, one.digest)
    await store.tag_if(two, NEW, None)

    for tag, was in ((LATEST, one.digest), (LATEST, None)):
        with pytest.raises(ConflictError, match="412"):
            await store.tag_if(one, tag, was)
    assert await store.look(LATEST) == await store.look(NEW) == two.digest


async def test_a_registry_that_knows_no_conditions_moves_it_anyway(
    debian_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    store, (one, two) = await opened(debian_registry, repository, stores)
    await store.tag_if(two, LATEST, two.digest)

    assert await store.look(LATEST) == two.digest != one.digest
