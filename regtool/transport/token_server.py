"""One token server: asks it for a token, in the form that it understands.

A password goes by GET with Basic, which every server knows, and by OAuth2 POST where GET is not there. An identity
token goes by OAuth2 POST, and as a password by GET where POST is refused and its user is known.
"""

from collections.abc import Awaitable, Callable
from dataclasses import field
from typing import TypeAlias

from regtool.errors import DeniedError
from regtool.transport.credential import Credential, Found, IdentityToken, Password
from regtool.transport.destination import Destination, Registry
from regtool.transport.events import TokenAsked
from regtool.transport.message import Response
from regtool.transport.origin import Place
from regtool.transport.problem import error_for
from regtool.transport.redact import redact
from regtool.transport.token import Token, form, parse_token, query
from regtool.values import dataclass

_NO_GET = frozenset({404, 405})
_NO_POST = frozenset({400, 401, 404, 405})  # ACR, Artifactory, GCR, distribution


@dataclass(frozen=True, slots=True)
class Form:
    """One way to ask: what is sent, and where to."""

    method: str
    destination: Destination
    headers: dict[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


# Sends the form on behalf of a registry and tells of it; gives back the answer, and when it was asked for.
Ask: TypeAlias = Callable[[Registry, Form, TokenAsked], Awaitable[tuple[Response, float]]]


class TokenServer:
    """The token server that a registry names, with the credentials that may be shown to it."""

    def __init__(
        self, registry: Registry, destination: Destination, service: str, found: Found | None, ask: Ask
    ) -> None:
        self._registry = registry
        self._destination = destination
        self._service = service
        self._source = found.source if found and destination.trusted else ""
        self._ask = ask
        self.credential: Credential | None = found.credential if found and destination.trusted else None
        self.advice = self._held_back() if found and not destination.trusted else None

    async def fetch(self, scopes: tuple[str, ...]) -> Token:
        """A new token. Raises DeniedError or what the server's refusal means, ContentError for a strange answer."""
        response, now = await self._converse(scopes)
        if response.status != 200:
            raise self._refusal(response)
        return parse_token(response, redact(str(self._destination.place)), now)

    async def _converse(self, scopes: tuple[str, ...]) -> tuple[Response, float]:
        credential = self.credential
        if isinstance(credential, IdentityToken):
            response, now = await self._post(scopes, credential)
            if response.status in _NO_POST and credential.username:
                return await self._get(scopes, Password(credential.username, credential.secret))
            return response, now
        password = credential if isinstance(credential, Password) else None
        response, now = await self._get(scopes, password)
        if response.status in _NO_GET and password:
            return await self._post(scopes, password)
        return response, now

    async def _get(self, scopes: tuple[str, ...], password: Password | None) -> tuple[Response, float]:
        place = self._destination.place
        target = query(place.target, self._service, scopes, password)
        destination = Destination(Place(place.origin, target), self._destination.trusted, self._destination.judge)
        headers = {"Authorization": password.basic} if password else {}
        return await self._ask(self._registry, Form("GET", destination, headers), self._asked(scopes))

    async def _post(self, scopes: tuple[str, ...], credential: Password | IdentityToken) -> tuple[Response, float]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = form(self._service, scopes, credential)
        return await self._ask(self._registry, Form("POST", self._destination, headers, body), self._asked(scopes))

    def _asked(self, scopes: tuple[str, ...]) -> TokenAsked:
        account = self.credential.username or "(identity token)" if self.credential else ""
        realm = redact(str(self._destination.place))
        return TokenAsked(
            registry=self._registry.name, realm=realm, scopes=scopes, account=account, source=self._source
        )

    def _refusal(self, response: Response) -> Exception:
        who = (
            f"{self.credential.username or 'the identity token'} ({self._source})"
            if self.credential
            else "an anonymous request"
        )
        error = error_for(response, self._registry.name, hint=self.advice)
        if not isinstance(error, DeniedError):
            return error
        server = self._destination.place.origin.authority
        why = error.why.replace("the registry answers", f"the token server {server} answers {who} with")
        return DeniedError(self._registry.name, why, self.advice or f"log in anew: regtool login {self._registry.name}")

    def _held_back(self) -> str:
        server = self._destination.place.origin.authority
        return (
            f"the credentials for {self._registry.name} were not sent to {server}, which it names as its token server; "
            f"if that is right, allow it with --auth-realm {self._registry.name}={server}"
        )
