"""The door of the transport: requests in, answers out; authentication, retries and redirects on the way.

One client serves one run. It keeps connections open and remembers who it is for each server, and opens nothing until it
is first used.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from regtool.transport.allowance import Allowance
from regtool.transport.clock import Clock, SystemClock
from regtool.transport.conversation import Conversation
from regtool.transport.deadline import Deadline
from regtool.transport.destination import Guide
from regtool.transport.events import Event, ignore
from regtool.transport.message import Request, Response
from regtool.transport.mirrors import Mirrors
from regtool.transport.network import Network
from regtool.transport.pools import Pools
from regtool.transport.proxy import ProxyRules
from regtool.transport.sender import Received, Sender
from regtool.transport.servers import Servers
from regtool.transport.settings import Settings
from regtool.transport.stream import Stream
from regtool.transport.wire import Wire


class Client:
    """Speaks to registries, by a `clock`. `listen` is told what happens; another clock and `network` are for tests."""

    def __init__(
        self,
        settings: Settings | None = None,
        listen: Callable[[Event], None] = ignore,
        *,
        clock: Clock | None = None,
        network: Network | None = None,
    ) -> None:
        self._settings = settings or Settings()
        self.clock = clock or SystemClock()
        network = network or Network()
        proxies = ProxyRules.read(self._settings.environ)
        self._wire = Wire(Pools(self._settings, proxies, network))
        self._guide = Guide(self._settings, network.reached)
        allowance = Allowance(self._settings.max_requests, self._settings.reserve)
        sender = Sender(self._wire, self.clock, listen, self._settings.concurrency_for, allowance)
        self._servers = Servers(self._settings, self._guide, sender, self.clock, proxies, listen)
        self._mirrors = Mirrors(self._settings, listen)

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
        return (await self._ask(request, request.limit)).response

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Stream]:
        """The final answer, its body to be read in chunks if it is a success. Raises like `send`."""
        received = await self._ask(request, None)
        try:
            yield Stream(received, request.what)
        finally:
            if received.answer is not None:
                await received.answer.aclose()

    async def _ask(self, request: Request, limit: int | None) -> Received:
        async def ask(request: Request, seconds: float) -> Received:
            deadline = Deadline(seconds, self.clock.monotonic)
            return await Conversation(request, self._servers, self._guide, deadline, limit).hold()

        return await self._mirrors.ask(request, ask) or await ask(request, self._settings.timeout)
