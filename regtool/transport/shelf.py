"""Tokens that were granted, in memory only, and the ones that are on their way: nobody asks twice for the same."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from regtool.transport.token import Token

Scopes = tuple[str, ...]


class Shelf:
    """The tokens of one token server. A token that was granted for more serves for less as well."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._tokens: dict[Scopes, asyncio.Future[Token]] = {}
        self._refused: set[tuple[str, Scopes]] = set()

    async def get(self, scopes: Scopes, fetch: Callable[[Scopes], Awaitable[Token]]) -> Token:
        """A token for these scopes: from the shelf, or by `fetch`, which all who ask at the same time share."""
        pending = self._find(scopes)
        if pending is None:
            pending = asyncio.ensure_future(fetch(scopes))
            self._tokens[scopes] = pending
            pending.add_done_callback(lambda done: self._forget_failure(scopes, done))
        return await asyncio.shield(pending)

    def refuse(self, token: Token, scopes: Scopes) -> None:
        """Notes that a server did not take this token for these scopes, so that it is not offered for them again."""
        self._refused.add((token.secret, scopes))

    def drop(self, token: Token) -> None:
        """Forgets a token that has become invalid."""
        for scopes, pending in list(self._tokens.items()):
            if pending.done() and not pending.cancelled() and not pending.exception() and pending.result() == token:
                del self._tokens[scopes]

    def _find(self, scopes: Scopes) -> asyncio.Future[Token] | None:
        exact = self._tokens.get(scopes)
        candidates = [exact] if exact else []
        candidates += [token for granted, token in self._tokens.items() if covers(granted, scopes)]
        return next((token for token in candidates if self._is_good(token, scopes)), None)

    def _is_good(self, pending: asyncio.Future[Token], scopes: Scopes) -> bool:
        if not pending.done():
            return True
        if pending.cancelled() or pending.exception():
            return False
        token = pending.result()
        return token.expires > self._monotonic() and (token.secret, scopes) not in self._refused

    def _forget_failure(self, scopes: Scopes, done: asyncio.Future[Token]) -> None:
        if (done.cancelled() or done.exception()) and self._tokens.get(scopes) is done:
            del self._tokens[scopes]


def covers(granted: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether every right in `wanted` is in `granted`."""
    rights = _rights(granted)
    return all(actions <= rights.get(resource, set()) for resource, actions in _rights(wanted).items())


def merged(first: Iterable[str], others: Iterable[str]) -> Scopes:
    """Both lists of scopes as one, `first` at the front: some registries read only the first one.

    Scopes on the same resource become one, with the actions of both.
    """
    rights: dict[str, set[str]] = {}
    for resource, actions in [*_rights(first).items(), *_rights(others).items()]:
        rights.setdefault(resource, set()).update(actions)
    return tuple(f"{resource}:{','.join(sorted(actions, key=_rank))}" for resource, actions in rights.items())


def _rights(scopes: Iterable[str]) -> dict[str, set[str]]:
    rights: dict[str, set[str]] = {}
    for scope in scopes:
        resource, _, actions = scope.rpartition(":")
        rights.setdefault(resource, set()).update(action for action in actions.split(",") if action)
    return rights


def _rank(action: str) -> tuple[int, str]:
    order = ("pull", "push", "delete")
    return (order.index(action) if action in order else len(order), action)
