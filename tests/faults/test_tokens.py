"""A merge as in production: tokens that a server signs, TLS by a private CA, and a line of 50 ms."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest
import trustme

from regtool.operations.copy import CopyRequest, copy
from regtool.operations.create import create
from regtool.operations.create_request import CreateRequest
from regtool.stores.places import Stores
from regtool.transport.credential import Password
from regtool.transport.events import Answered
from regtool.transport.settings import Settings
from tests.registries import FIXTURES
from tests.transport.distribution import registry_with_tokens, server_context
from tests.transport.fixtures import bare
from tests.transport.scripted import Scripted
from tests.transport.token_service import SigningService

ONE_WAY = 0.025  # seconds; a round trip takes twice as long


class SlowLine:
    """Carries bytes to another port and back, each way late, without looking at them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.host = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        with suppress(asyncio.CancelledError, ConnectionError):
            await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
        back.close()
        writer.close()

    @staticmethod
    async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while content := await reader.read(65536):
            loop.call_later(ONE_WAY, writer.write, content)
        loop.call_later(ONE_WAY, writer.close)


@dataclass
class Production:
    host: str
    service: SigningService
    settings: Settings


@pytest.fixture
async def production(tmp_path: Path) -> AsyncIterator[Production]:
    """The registry and its token server behind slow lines, both with certificates of one private CA."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate = authority.issue_cert("127.0.0.1")
    service = SigningService(tmp_path, users={"alice": "s3cret"})
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Scripted(service, server_context(certificate)))
        tokens = await stack.enter_async_context(SlowLine(server.port))
        realm = f"https://{tokens.host}/token"
        registry = stack.enter_context(registry_with_tokens(tmp_path, certificate, service.bundle, realm))
        line = await stack.enter_async_context(SlowLine(int(registry.rpartition(":")[2])))
        settings = bare(
            ca_file=tmp_path / "ca.pem",
            credentials={line.host: Password("alice", "s3cret")},
            auth_realms={line.host: frozenset({tokens.host})},
        )
        yield Production(line.host, service, settings)


async def push(production: Production, listen: Callable[[object], None]) -> None:
    """Brings two builds into the registry, by regtool itself."""
    for architecture in ("amd64", "arm64"):
        archive = f"oci-archive:{FIXTURES / 'buildx' / architecture}.oci.tar"
        async with Stores(production.settings, listen) as stores:
            await copy(CopyRequest.parse(archive, f"{production.host}/app:{architecture}"), stores)


async def test_a_merge_over_a_slow_line_asks_for_one_token_and_nothing_twice(production: Production) -> None:
    await push(production, lambda event: None)
    production.service.seen.clear()
    told: list[object] = []
    async with Stores(production.settings, told.append) as stores:
        request = CreateRequest.parse(
            f"{production.host}/app:1.0", [f"{production.host}/app:{name}" for name in ("amd64", "arm64")]
        )
        creation = await create(request, stores)

    asked = [event for event in told if isinstance(event, Answered)]
    requests = [f"{event.method} {event.url.partition(production.host)[2]} {event.status}" for event in asked]
    place = "/v2/app/manifests"
    assert production.service.asked == [["repository:app:pull,push"]]
    # Three reads go out at once and meet a challenge each; with the one token that they share they go again.
    assert sorted(requests[:3]) == sorted(f"GET {place}/{tag} 401" for tag in ("1.0", "amd64", "arm64"))
    assert sorted(requests[4:7]) == sorted([f"GET {place}/1.0 404", f"GET {place}/amd64 200", f"GET {place}/arm64 200"])
    assert all(line.startswith("GET /v2/app/blobs/sha256:") and line.endswith(" 200") for line in requests[7:9])
    assert requests[9:] == [f"PUT {place}/1.0 201", f"GET {place}/1.0 200"]
    assert creation.plan.root.as_index().manifests
