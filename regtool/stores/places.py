"""From names to stores: every place that a run touches, over one shared connection pool."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, overload

from regtool.model.reference import Archive, Layout, Place, Repository
from regtool.stores.protocols import Closes, Store
from regtool.stores.registry import RegistryStore
from regtool.transport.client import Client
from regtool.transport.clock import Clock, SystemClock
from regtool.transport.events import Event, ignore
from regtool.transport.network import Network
from regtool.transport.scope import Scope
from regtool.transport.settings import Settings


class Stores:
    """Opens stores, and closes their connections at the end.

        async with Stores() as stores:
            manifest = await stores.at(repository).manifest(Tag("1.0"))

    `expect` says beforehand what a run will read and write in a registry, so that one token covers all of it.
    Everything that is done with these stores waits by `clock`; it and `network` are for tests.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        listen: Callable[[Event], None] = ignore,
        *,
        clock: Clock | None = None,
        network: Network | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        self._client = Client(settings or Settings(), listen, clock=self.clock, network=network)
        self._registries: dict[Repository, RegistryStore] = {}
        self._files: dict[Place, Store] = {}
        self._scopes: dict[str, tuple[Scope, ...]] = {}

    def expect(
        self, *, writes: Iterable[Place] = (), reads: Iterable[Place] = (), deletes: Iterable[Place] = ()
    ) -> None:
        """Names the places of this run. Those to write come first: some registries grant the first scope only."""
        wanted: dict[Place, Callable[[str], Scope]] = dict.fromkeys(reads, Scope.pull)
        wanted |= dict.fromkeys(writes, Scope.push)
        wanted |= dict.fromkeys(deletes, Scope.delete)
        for needed in (Scope.delete, Scope.push, Scope.pull):
            for place, scope in wanted.items():
                if isinstance(place, Repository) and scope == needed:
                    self._demand(place.host, scope(place.path))

    @overload
    def at(self, place: Repository) -> RegistryStore: ...

    @overload
    def at(self, place: Place) -> Store: ...

    def at(self, place: Place) -> Store:
        """The store of one place. The same place gives the same store."""
        if isinstance(place, Repository):
            return self._registry(place)
        if place not in self._files:
            self._files[place] = _open(place)
        return self._files[place]

    def _registry(self, repository: Repository) -> RegistryStore:
        if repository not in self._registries:
            scopes = self._scopes.get(repository.host, ())
            if not any(scope.repository == repository.path for scope in scopes):
                scopes = (Scope.pull(repository.path),)
            self._registries[repository] = RegistryStore(repository, self._client, scopes)
        return self._registries[repository]

    def _demand(self, host: str, scope: Scope) -> None:
        known = self._scopes.get(host, ())
        if scope not in known:
            self._scopes[host] = (*known, scope)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for store in self._files.values():
            if isinstance(store, Closes):
                store.close()
        await self._client.__aexit__(kind, error, trace)


def _open(place: Layout | Archive) -> Store:
    # Loaded when the first one is opened: most runs know registries only, and start 6 ms earlier.
    if isinstance(place, Layout):
        from regtool.stores.layout import LayoutStore

        return LayoutStore(place.path)
    from regtool.stores.archive import ArchiveStore

    return ArchiveStore(place)
