"""Serving the application by uvicorn. The only module that imports it, so that all others do without."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from regtool.server.app import App

_TICK = 1.0  # seconds
_GOODBYE = 5  # seconds that answers under way are waited for at the end


class PatientProtocol(H11Protocol):
    """Hangs up on a client that connects and then does not come to the point; uvicorn itself would wait for ever."""

    _hang_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the clock with the connection."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Stops the clock when the head of a request is complete, and starts it with the first byte of the next."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clock."""
        super().connection_lost(exc)
        self._stop()

    def _watch(self) -> None:
        waits = not self._has_request()
        if waits and self._hang_up is None:
            self._hang_up = self.loop.call_later(self._patience(), self.transport.close)
        elif not waits:
            self._stop()

    def _has_request(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None until the first request, whatever uvicorn declares
        return cycle is not None and not cycle.response_complete

    def _patience(self) -> float:
        app = self.config.app
        assert isinstance(app, App)
        return app.patience.head

    def _stop(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None


class _Server(uvicorn.Server):
    """A server that says when it listens, stops when it is told, and leaves signals to its caller."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()
        self.told = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()

    async def main_loop(self) -> None:
        """Waits, and meanwhile keeps the `Date` of the answers right; uvicorn itself would look ten times a second."""
        while not self.told.is_set():
            await self.on_tick(0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.told.wait(), _TICK)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: App, door: socket.socket) -> AsyncIterator[None]:
    """Serves `app` on a bound socket while the block runs."""
    server = _Server(_config(app))
    task = asyncio.create_task(server.serve([door]))
    try:
        await server.listens.wait()
        yield
    finally:
        server.told.set()
        await task


def _config(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GOODBYE,
    )
