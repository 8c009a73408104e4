"""From names to stores: every place that a run touches, over one shared connection pool."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from regtool.model.reference import Repository
from regtool.stores.registry import RegistryStore
from regtool.transport.client import Client
from regtool.transport.events import Event, ignore
from regtool.transport.scope import Scope
from regtool.transport.settings import Settings


class Stores:
    """Opens stores, and closes their connections at the end.

        async with Stores() as stores:
            manifest = await stores.at(repository).manifest(Tag("1.0"))

    `expect` says beforehand what a run will read and write in a registry, so that one token covers all of it.
    """

    def __init__(self, settings: Settings | None = None, listen: Callable[[Event], None] = ignore) -> None:
        self._client = Client(settings or Settings(), listen)
        self._stores: dict[Repository, RegistryStore] = {}
        self._scopes: dict[str, tuple[Scope, ...]] = {}

    def expect(self, *, writes: Iterable[Repository] = (), reads: Iterable[Repository] = ()) -> None:
        """Names the repositories of this run. Those to write come first: some registries grant the first scope only."""
        written = set(writes)
        for repository in written:
            self._demand(repository.host, Scope.push(repository.path))
        for repository in reads:
            if repository not in written:
                self._demand(repository.host, Scope.pull(repository.path))

    def at(self, repository: Repository) -> RegistryStore:
        """The store of one repository. The same repository gives the same store."""
        if repository not in self._stores:
            scopes = self._scopes.get(repository.host, ())
            if not any(scope.repository == repository.path for scope in scopes):
                scopes = (Scope.pull(repository.path),)
            self._stores[repository] = RegistryStore(repository, self._client, scopes)
        return self._stores[repository]

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
        await self._client.__aexit__(kind, error, trace)
