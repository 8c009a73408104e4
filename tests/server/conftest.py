"""The registry on a real socket. One listener serves all tests of a worker, each test its own registry behind it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Self

import httpx
import pytest

from regtool.server.app import App, create_app
from regtool.server.message import PATIENT, Patience, Receive, Scope, Send
from regtool.server.run import serving
from tests.server.pushing import Pusher


class Switchboard(App):
    """Hands each request to the registry of the test that runs."""

    def __init__(self) -> None:
        self.current: App | None = None

    @property
    def patience(self) -> Patience:
        return PATIENT

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.current is not None
        await self.current(scope, receive, send)


class Listener(threading.Thread):
    """Serves a switchboard from a thread of its own, so that it outlives the event loops of the tests."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.switchboard = Switchboard()
        self.url = ""
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._done = asyncio.Event()

    def run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _serve(self) -> None:
        async with serving(self.switchboard) as self.url:
            self._ready.set()
            await self._done.wait()

    def __enter__(self) -> Self:
        self.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self.join(10)


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    with Listener() as started:
        yield started


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The served directory."""
    return tmp_path / "registry"


@pytest.fixture
async def client(listener: Listener, root: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks HTTP with a registry that holds nothing yet."""
    listener.switchboard.current = create_app(root)
    async with httpx.AsyncClient(base_url=listener.url, verify=False, trust_env=False) as connected:
        yield connected


@pytest.fixture
def pusher(client: httpx.AsyncClient) -> Pusher:
    """Puts things into the repository `app`."""
    return Pusher(client)
