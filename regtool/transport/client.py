"""The door of the transport: requests in, answers out; authentication, retries and redirects on the way.

One client serves one run. It keeps connections open and remembers who it is for each server, and opens nothing until it
is first used.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self

from regtool.errors import DeniedError, UnreachableError
from regtool.transport.auth import Access, Proof
from regtool.transport.clock import Clock, SystemClock
from regtool.transport.credentials import Keyring
from regtool.transport.deadline import Deadline
from regtool.transport.destination import Destination, Guide, Purpose, Registry
from regtool.transport.events import Event, TokenAsked, Warned, ignore
from regtool.transport.failure import ExchangeFailed
from regtool.transport.headers import Headers
from regtool.transport.message import DEFAULT_LIMIT, Body, Request, Response
from regtool.transport.network import Network
from regtool.transport.origin import Origin, Place
from regtool.transport.pools import Pools
from regtool.transport.proxy import ProxyRules
from regtool.transport.scope import Scope
from regtool.transport.sender import Received, Sender
from regtool.transport.settings import Settings
from regtool.transport.token import LARGEST
from regtool.transport.wire import Answer, Call, Wire

MOST_REDIRECTS = 5
MOST_CHALLENGES = 2  # one to learn of a token server, one more for what its token does not allow
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# All that another server gets to see of a request.
_PUBLIC_HEADERS = frozenset({"accept", "range", "if-range", "content-type", "content-range"})


class Stream:
    """A successful answer whose body is still coming, or a refusal that has been read already."""

    def __init__(self, received: Received, what: str) -> None:
        self._response = received.response
        self._answer: Answer | None = received.answer
        self._what = what

    @property
    def status(self) -> int:
        """The status code."""
        return self._response.status

    @property
    def headers(self) -> Headers:
        """The header fields."""
        return self._response.headers

    @property
    def url(self) -> str:
        """Where the answer came from."""
        return self._response.url

    async def whole(self) -> Response:
        """The answer with its body, as `error_for` takes it. Of a success nothing may have been read yet."""
        if self._answer is None:
            return self._response
        return replace(self._response, content=await self._answer.read(DEFAULT_LIMIT, self._what))

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises UnreachableError or TimedOutError when it stops coming."""
        if self._answer is None:
            yield self._response.content
            return
        try:
            async for chunk in self._answer.chunks(self._what):
                yield chunk
        except ExchangeFailed as failure:
            raise failure.error(self._what) from failure


class Client:
    """Speaks to registries. `listen` is told what happens; `clock` and `network` are for tests."""

    def __init__(
        self,
        settings: Settings | None = None,
        listen: Callable[[Event], None] = ignore,
        *,
        clock: Clock | None = None,
        network: Network | None = None,
    ) -> None:
        self._settings = settings or Settings()
        self._listen = listen
        self._clock = clock or SystemClock()
        self._proxies = ProxyRules.read(self._settings.environ)
        network = network or Network()
        self._guide = Guide(self._settings, network.reached)
        self._wire = Wire(Pools(self._settings, self._proxies, network), network, self._concurrency)
        self._sender = Sender(self._wire, self._clock, listen)
        self._keyring = Keyring(self._settings, lambda text: listen(Warned(host="", text=text)))
        self._accesses: dict[tuple[Origin, bool], Access] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._wire.aclose()

    async def send(self, request: Request) -> Response:
        """The final answer, whatever its status, with its body.

        Raises UnreachableError or TimedOutError when there is none, ContentError when the body is longer than allowed,
        and DeniedError, RateLimitedError or others when a token server or a helper refuses.
        """
        received = await self._converse(request, self._deadline(), request.limit)
        return received.response

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Stream]:
        """The final answer, its body to be read in chunks if it is a success. Raises like `send`."""
        received = await self._converse(request, self._deadline(), None)
        try:
            yield Stream(received, request.what)
        finally:
            if received.answer is not None:
                await received.answer.aclose()

    async def authorize(self, host: str, scopes: tuple[Scope, ...]) -> None:
        """Gets the token for these scopes now, before a body is streamed, if it is known that one is wanted."""
        access = self._access(self._guide.registry(host), own=True)
        await access.prove([str(scope) for scope in scopes])

    def _deadline(self) -> Deadline:
        return Deadline(self._settings.timeout, self._clock.monotonic)

    def _concurrency(self, name: str) -> int:
        return self._settings.host(name).concurrency or self._settings.concurrency

    async def _converse(self, request: Request, deadline: Deadline, limit: int | None) -> Received:
        """Follows redirects, which only reads do."""
        registry = self._guide.registry(request.host)
        destination = self._start(request, registry)
        for _ in range(MOST_REDIRECTS + 1):
            received = await self._authorized(request, registry, destination, deadline, limit)
            location = received.response.headers.get("location")
            if received.response.status not in _REDIRECTS or request.method not in ("GET", "HEAD") or not location:
                return received
            following = self._guide.decide(Purpose.REDIRECT, location, registry, received.place)
            # Who was once sent away does not come back with credentials.
            destination = replace(following, trusted=following.trusted and destination.trusted)
        raise UnreachableError(request.what, f"the registry redirects more than {MOST_REDIRECTS} times")

    def _start(self, request: Request, registry: Registry) -> Destination:
        if request.target.startswith("/"):
            return Destination(Place(registry.origin, request.target), trusted=True)
        return self._guide.decide(Purpose.LOCATION, request.target, registry, Place(registry.origin, "/"))

    async def _authorized(
        self, request: Request, registry: Registry, destination: Destination, deadline: Deadline, limit: int | None
    ) -> Received:
        """Sends, and answers the challenges that come back."""
        access = self._access(registry, destination.trusted, destination.place.origin)
        scopes = [str(scope) for scope in request.scopes]
        proof = await access.prove(scopes)
        received = await self._send(request, registry, destination, proof, deadline, limit)
        for _ in range(MOST_CHALLENGES):
            refused = received.response.status == 401
            better = await access.challenged(received, proof, scopes) if refused else None
            if better is None:
                break
            proof = better
            received = await self._send(request, registry, destination, proof, deadline, limit)
        if received.response.status not in (401, 403):
            return received
        return replace(received, response=replace(received.response, advice=access.advice))

    async def _send(
        self,
        request: Request,
        registry: Registry,
        destination: Destination,
        proof: Proof | None,
        deadline: Deadline,
        limit: int | None,
    ) -> Received:
        shown = destination.trusted
        headers = {name: value for name, value in request.headers.items() if shown or name.lower() in _PUBLIC_HEADERS}
        if proof:
            self._refuse_to_show(destination, request.what)
            headers["Authorization"] = proof.header
        call = self._call(request.method, destination, registry.name, headers, request.body)
        return await self._sender.send(call, deadline, request.what, limit)

    def _call(
        self, method: str, destination: Destination, name: str, headers: dict[str, str], body: bytes | Body | None
    ) -> Call:
        fields = {"User-Agent": self._settings.user_agent, "Accept-Encoding": "identity", "Accept": "*/*", **headers}
        return Call(
            method=method,
            place=destination.place,
            headers=tuple(fields.items()),
            name=name,
            body=body,
            judge=destination.judge,
        )

    def _access(self, registry: Registry, own: bool, origin: Origin | None = None) -> Access:
        """What is known about a server: the registry, or another one that is visited anonymously."""
        origin = origin or registry.origin
        if (origin, own) not in self._accesses:
            visited = registry if own else Registry(origin.authority, origin)
            keyring = self._keyring if own else None
            self._accesses[origin, own] = Access(visited, keyring, self._guide, self._ask, self._clock.monotonic)
        return self._accesses[origin, own]

    async def _ask(
        self, method: str, destination: Destination, headers: dict[str, str], body: bytes | None, asked: TokenAsked
    ) -> tuple[Response, float]:
        """Sends a request to a token server; the time is when it was sent, as the token's life counts from there."""
        if asked.account:
            self._refuse_to_show(destination, asked.registry)
        self._listen(asked)
        call = self._call(method, destination, asked.registry, headers, body)
        now = self._clock.monotonic()
        received = await self._sender.send(call, self._deadline(), asked.registry, LARGEST)
        return received.response, now

    def _refuse_to_show(self, destination: Destination, what: str) -> None:
        origin = destination.place.origin
        proxy = self._proxies.proxy_for(origin) if origin.scheme == "http" else None
        if proxy and not self._settings.insecure_proxy_auth:
            why = (
                f"the proxy {proxy.origin.authority} would see the credentials, as {origin.authority} speaks plain http"
            )
            raise DeniedError(what, why, "add the registry to NO_PROXY, or allow it with --insecure-proxy-auth")
