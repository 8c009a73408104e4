"""Who we are for one server: learnt from the 401 to a real request, never from a ping.

    request -> 401 with challenges -> choose Bearer, else Basic -> (ask the token server) -> request again

What was learnt is kept for the rest of the run, so only the first requests to a server are sent twice. All of it
belongs to one origin: nothing is carried from here to another server.
"""

from collections.abc import Callable, Sequence
from dataclasses import field

from regtool.transport.challenge import Challenge, choose, parse_challenges
from regtool.transport.credential import Credential, Found, Password, RegistryToken
from regtool.transport.credentials import Keyring
from regtool.transport.destination import Guide, Purpose, Registry
from regtool.transport.origin import Place
from regtool.transport.sender import Received
from regtool.transport.shelf import Shelf, merged
from regtool.transport.token import Token
from regtool.transport.token_server import Ask, TokenServer
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """The `Authorization` of one request."""

    header: str = field(repr=False)
    token: Token | None = None


class Access:
    """What one server wants to see. Without a keyring it is visited anonymously."""

    def __init__(
        self, registry: Registry, keyring: Keyring | None, guide: Guide, ask: Ask, monotonic: Callable[[], float]
    ) -> None:
        self._registry = registry
        self._keyring = keyring
        self._guide = guide
        self._ask = ask
        self._monotonic = monotonic
        self._challenge: Challenge | None = None
        self._via = Place(registry.origin, "/v2/")
        self._shelves: dict[tuple[str, str, Credential | None], Shelf] = {}
        self.advice: str | None = None

    async def prove(self, scopes: Sequence[str]) -> Proof | None:
        """What to send along, by what is known so far; None while nothing is known, and for anonymous requests."""
        return await self._answer(self._challenge, tuple(scopes)) if self._challenge else None

    async def challenged(self, received: Received, used: Proof | None, scopes: Sequence[str]) -> Proof | None:
        """What to send along after this 401; None if there is nothing better than what was `used`."""
        asked = self._learn(received)
        if asked is None:
            return None
        wanted = merged(*_first_demanded(asked.scopes, scopes))
        if used is not None and used.token is not None:
            self._refuse(used.token, wanted, invalid=asked.get("error") == "invalid_token")
        proof = await self._answer(asked, wanted)
        return None if proof is None or (used and proof.header == used.header) else proof

    def _learn(self, received: Received) -> Challenge | None:
        """The challenge to answer. Once it was Bearer, it stays so.

        Harbor asks for Basic when a token has run out, and some registries leave the header out.
        """
        chosen = choose(parse_challenges(received.response.headers.get_all("www-authenticate")))
        if self._challenge is None or (chosen and chosen.scheme == "bearer"):
            self._challenge, self._via = chosen, received.place
        if chosen is None or chosen.scheme != (self._challenge.scheme if self._challenge else ""):
            return self._challenge
        return chosen

    async def _answer(self, challenge: Challenge, scopes: tuple[str, ...]) -> Proof | None:
        found = await self._find(scopes)
        credential = found.credential if found else None
        if isinstance(credential, RegistryToken):
            return Proof(f"Bearer {credential.secret}")
        if challenge.scheme == "bearer":
            return await self._token(challenge, scopes, found)
        return Proof(credential.basic) if isinstance(credential, Password) else None

    async def _token(self, challenge: Challenge, scopes: tuple[str, ...], found: Found | None) -> Proof:
        destination = self._guide.decide(Purpose.REALM, challenge.get("realm"), self._registry, self._via)
        server = TokenServer(self._registry, destination, challenge.get("service"), found, self._ask)
        self.advice = server.advice or self.advice
        key = (str(destination.place), challenge.get("service"), server.credential)
        shelf = self._shelves.setdefault(key, Shelf(self._monotonic))
        token = await shelf.get(scopes, server.fetch)
        return Proof(f"Bearer {token.secret}", token)

    async def _find(self, scopes: tuple[str, ...]) -> Found | None:
        if self._keyring is None:
            return None
        repository = scopes[0].split(":", 2)[1] if scopes and scopes[0].count(":") >= 2 else ""
        found = await self._keyring.find(self._registry.name, repository)
        if found is None:
            self.advice = self._keyring.excuse(self._registry.name)
        return found

    def _refuse(self, token: Token, scopes: tuple[str, ...], *, invalid: bool) -> None:
        for shelf in self._shelves.values():
            shelf.refuse(token, scopes)
            if invalid:
                shelf.drop(token)


def _first_demanded(demanded: Sequence[str], own: Sequence[str]) -> tuple[list[str], list[str]]:
    """The scopes of a request, those first on whose resource the server insists; then what else it demands."""
    resources = {scope.rpartition(":")[0] for scope in demanded}
    first = [scope for scope in own if scope.rpartition(":")[0] in resources]
    return first, [*(scope for scope in own if scope not in first), *demanded]
