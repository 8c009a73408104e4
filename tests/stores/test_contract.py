"""Every store keeps the one contract: memory, layouts, archives, and repositories of two real registries."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from regtool.model.reference import Archive, ArchiveForm, Repository
from regtool.stores.archive import ArchiveStore
from regtool.stores.layout import LayoutStore
from regtool.stores.memory import MemoryStore
from regtool.stores.places import Stores
from regtool.stores.protocols import Store
from tests.registries import RunningRegistry
from tests.stores.contract import (
    DeletesContract,
    ListsContract,
    RefersContract,
    Sha512Contract,
    StoreContract,
    TogetherContract,
)


class TestMemory(
    StoreContract, ListsContract, TogetherContract, DeletesContract, RefersContract, Sha512Contract
):  # fmt: skip
    """A store in memory."""

    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestLayout(
    StoreContract, ListsContract, TogetherContract, DeletesContract, RefersContract, Sha512Contract
):  # fmt: skip
    """A layout in a directory that is not there yet."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return LayoutStore(tmp_path / "new" / "layout")


class TestArchive(StoreContract, ListsContract, TogetherContract, Sha512Contract):
    """An OCI archive that is not there yet, with nothing committed."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = ArchiveStore(Archive(tmp_path / "new" / "images.tar", ArchiveForm.OCI))
        yield store
        store.close()


class TestEmbeddedRegistry(
    StoreContract, ListsContract, TogetherContract, DeletesContract, RefersContract, Sha512Contract
):  # fmt: skip
    """A repository of `regtool serve`."""

    @pytest.fixture
    async def store(self, embedded_registry: RunningRegistry, repository: str) -> AsyncIterator[Store]:
        async with Stores() as stores:
            place = Repository(embedded_registry.host, repository)
            stores.expect(writes=[place])
            yield stores.at(place)


class TestDebianRegistry(StoreContract, ListsContract):
    """A repository of distribution 2.8. It knows no SHA-512, deletes no tags, and lists no referrers."""

    @pytest.fixture
    async def store(self, debian_registry: RunningRegistry, repository: str) -> AsyncIterator[Store]:
        async with Stores() as stores:
            place = Repository(debian_registry.host, repository)
            stores.expect(writes=[place])
            yield stores.at(place)
