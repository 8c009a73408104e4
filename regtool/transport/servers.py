"""The servers of one run: what each wants to see, and how calls to it are made up."""

from collections.abc import Callable
from dataclasses import replace

from regtool.errors import DeniedError
from regtool.transport.auth import Access
from regtool.transport.clock import Clock
from regtool.transport.credentials import Keyring
from regtool.transport.deadline import Deadline
from regtool.transport.destination import Destination, Guide, Registry
from regtool.transport.events import Event, TokenAsked, Warned
from regtool.transport.message import Body, Response
from regtool.transport.origin import Origin
from regtool.transport.proxy import ProxyRules
from regtool.transport.sender import Errand, Sender
from regtool.transport.settings import Settings
from regtool.transport.token import LARGEST
from regtool.transport.token_server import Form
from regtool.transport.wire import Call


class Servers:
    """Remembers the access to each server. A registry has credentials; every other server is visited anonymously."""

    def __init__(
        self,
        settings: Settings,
        guide: Guide,
        sender: Sender,
        clock: Clock,
        proxies: ProxyRules,
        listen: Callable[[Event], None],
    ) -> None:
        self.sender = sender
        self._settings = settings
        self._guide = guide
        self._clock = clock
        self._proxies = proxies
        self._listen = listen
        self._keyring = Keyring(settings, lambda text: listen(Warned(host="", text=text)))
        self._accesses: dict[tuple[Registry, bool], Access] = {}

    def own(self, registry: Registry) -> Access:
        """The access to a registry, with the credentials that the user has for it."""
        return self._remembered(registry, self._keyring)

    def access(self, registry: Registry, destination: Destination) -> Access:
        """The access to a destination. What one server wants to see is never shown to another."""
        if destination.trusted:
            return self.own(registry)
        return self._remembered(_itself(destination.place.origin), None)

    def call(
        self,
        method: str,
        registry: Registry,
        destination: Destination,
        headers: dict[str, str],
        body: bytes | Body | None,
    ) -> Call:
        """A call without secrets. TLS settings are those of the server that is called, whoever named it."""
        origin = destination.place.origin
        name = registry.name if origin == registry.origin else origin.authority
        fields = {"User-Agent": self._settings.user_agent, "Accept-Encoding": "identity", "Accept": "*/*", **headers}
        return Call(
            method=method,
            place=destination.place,
            headers=tuple(fields.items()),
            name=name,
            body=body,
            judge=destination.judge,
        )

    def with_secret(self, call: Call, authorization: str, what: str) -> Call:
        """The call with its `Authorization`. Raises DeniedError where a proxy would read it in clear."""
        self._refuse_to_show(call, what)
        return replace(call, headers=(*call.headers, ("Authorization", authorization)))

    def _remembered(self, registry: Registry, keyring: Keyring | None) -> Access:
        key = registry, keyring is not None
        if key not in self._accesses:
            self._accesses[key] = Access(registry, keyring, self._guide, self._ask, self._clock.monotonic)
        return self._accesses[key]

    async def _ask(self, registry: Registry, form: Form, asked: TokenAsked) -> tuple[Response, float]:
        """Sends a request to a token server; the time is when it was sent, as the token's life counts from there."""
        self._listen(asked)
        call = self.call(form.method, registry, form.destination, form.headers, form.body)
        if asked.account:
            self._refuse_to_show(call, registry.name)
        now = self._clock.monotonic()
        deadline = Deadline(self._settings.timeout, self._clock.monotonic)
        received = await self.sender.send(Errand(call, deadline, registry.name, LARGEST))
        return received.response, now

    def _refuse_to_show(self, call: Call, what: str) -> None:
        origin = call.place.origin
        proxy = self._proxies.proxy_for(origin) if origin.scheme == "http" else None
        if proxy and not self._settings.insecure_proxy_auth:
            why = (
                f"the proxy {proxy.origin.authority} would see the credentials, as {origin.authority} speaks plain http"
            )
            raise DeniedError(what, why, "add the registry to NO_PROXY, or allow it with --insecure-proxy-auth")


def _itself(origin: Origin) -> Registry:
    return Registry(origin.authority, origin)
