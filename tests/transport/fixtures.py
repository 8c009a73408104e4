"""What the tests of the transport share: a clock of their own, names of their own, and a client that tells all."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from regtool.transport.client import Client
from regtool.transport.events import Event
from regtool.transport.line import Line
from regtool.transport.message import Body, Request
from regtool.transport.network import Network, dial
from regtool.transport.scope import Scope
from regtool.transport.settings import Settings

NOWHERE = Path("/nonexistent")


class VirtualClock:
    """A clock on which waits take no time, and on which chance is what the test says."""

    def __init__(self, luck: float = 0.5) -> None:
        self.slept: list[float] = []
        self.luck = luck
        self._now = 1000.0

    def monotonic(self) -> float:
        return self._now

    def time(self) -> float:
        return 1_800_000_000.0 + self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds
        await asyncio.sleep(0)

    def chance(self) -> float:
        return self.luck


def bare(**choices: Any) -> Settings:
    """Settings that look at nothing of this machine."""
    return Settings(**{"environ": {}, "home": NOWHERE, **choices})


class Recorded(Client):
    """A client with its events."""

    def __init__(self, settings: Settings | None = None, **more: Any) -> None:
        self.events: list[Event] = []
        super().__init__(settings or bare(), self.events.append, **more)

    def told(self, kind: type[Event]) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


def get(host: str, target: str = "/v2/app/manifests/1.0", **more: Any) -> Request:
    """A read of one manifest."""
    return ask("GET", host, target, **{"scopes": (Scope.pull("app"),), **more})


def ask(method: str, host: str, target: str = "/v2/app/manifests/1.0", **more: Any) -> Request:
    """A request that only cares for what the test is about."""
    return Request(**{"method": method, "host": host, "target": target, "what": f"{host}/app:1.0", **more})


def body_of(*chunks: bytes) -> Body:
    """A body that can be opened again."""

    async def opened() -> Any:
        for chunk in chunks:
            yield chunk

    return Body(size=sum(map(len, chunks)), open=opened)


def network(names: Mapping[str, str], ports: Mapping[tuple[str, int], int] | Callable[[str, int], int]) -> Network:
    """A network with these names, where connections to an address and port end at a port of this machine."""

    async def resolve(host: str, port: int) -> list[str]:
        return [names.get(host, host)]

    async def connect(address: str, port: int) -> Line:
        local = ports(address, port) if callable(ports) else ports.get((address, port), port)
        return await dial("127.0.0.1", local)

    return Network(resolve, connect)
