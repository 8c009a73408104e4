"""One request from its first try to its final answer: challenges are answered, and reads follow redirects."""

from dataclasses import replace

from regtool.errors import ContentError, UnreachableError
from regtool.transport.deadline import Deadline
from regtool.transport.destination import Destination, Guide, Purpose, Registry
from regtool.transport.message import Request
from regtool.transport.origin import Place, split_url
from regtool.transport.redact import redact
from regtool.transport.sender import Errand, Received
from regtool.transport.servers import Servers
from regtool.values import dataclass

MOST_REDIRECTS = 5
MOST_CHALLENGES = 2  # one to learn of a token server, one more for what its token does not allow
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_READS = frozenset({"GET", "HEAD"})
# All that another server gets to see of a request.
_PUBLIC_HEADERS = frozenset({"accept", "range", "if-range", "content-type", "content-range"})


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is said about one request until it is settled. With `limit` None the body of a success is left unread."""

    request: Request
    servers: Servers
    guide: Guide
    deadline: Deadline
    limit: int | None

    async def hold(self) -> Received:
        """The final answer, whatever its status."""
        registry = self.guide.registry(self.request.host)
        destination = self._start(registry)
        for _ in range(MOST_REDIRECTS + 1):
            received = await self._authorized(registry, destination)
            location = received.response.headers.get("location")
            if received.response.status not in _REDIRECTS or self.request.method not in _READS or not location:
                return received
            following = self.guide.decide(Purpose.REDIRECT, location, registry, received.place)
            # Who was once sent away does not come back with credentials.
            destination = replace(following, trusted=following.trusted and destination.trusted)
        raise UnreachableError(self.request.what, f"the registry redirects more than {MOST_REDIRECTS} times")

    def _start(self, registry: Registry) -> Destination:
        target = self.request.target
        if target.startswith("/") and not target.startswith("//"):
            own = split_url(f"{registry.origin}{target}")
            if own is None:
                raise ContentError(
                    self.request.what, f"{redact(target)} is no path to ask for", "the registry named it"
                )
            return Destination(own, trusted=True)
        return self.guide.decide(Purpose.LOCATION, target, registry, Place(registry.origin, "/"))

    async def _authorized(self, registry: Registry, destination: Destination) -> Received:
        """Sends, and answers the challenges that come back."""
        access = self.servers.access(registry, destination)
        scopes = [str(scope) for scope in self.request.scopes]
        proof = await access.prove(scopes)
        received = await self._send(registry, destination, proof.header if proof else None)
        for _ in range(MOST_CHALLENGES):
            refused = received.response.status == 401
            better = await access.challenged(received, proof, scopes) if refused else None
            if better is None:
                break
            proof = better
            received = await self._send(registry, destination, proof.header)
        if received.response.status not in (401, 403):
            return received
        return replace(received, response=replace(received.response, advice=access.advice))

    async def _send(self, registry: Registry, destination: Destination, authorization: str | None) -> Received:
        given = self.request.headers.items()
        headers = {name: value for name, value in given if destination.trusted or name.lower() in _PUBLIC_HEADERS}
        call = self.servers.call(self.request.method, registry, destination, headers, self.request.body)
        call = self.servers.with_secret(call, authorization, self.request.what) if authorization else call
        return await self.servers.sender.send(Errand(call, self.deadline, self.request.what, self.limit))
