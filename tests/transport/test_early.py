"""Connections that are begun before anybody can use them."""

import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Event
from typing import Any, NoReturn

import pytest

from regtool.errors import UnreachableError
from regtool.transport.early import Early
from regtool.transport.line import Line
from regtool.transport.network import Network
from tests.transport.fixtures import Recorded, VirtualClock, bare, get
from tests.transport.scripted import Scripted, answer


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens."""
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def begun(port: int) -> Early:
    """A connection to a port of this machine, begun by now."""
    early = Early("127.0.0.1", port, 1)
    early.addresses()
    return early


async def test_requests_go_over_the_connections_that_were_begun() -> None:
    async with Scripted(lambda seen: answer()) as server:
        early = begun(server.port)
        async with Recorded(bare(), network=Network.after(early)) as client:
            await client.send(get(server.host))

        assert len(server.seen) == 1
        assert early.take("127.0.0.1", server.port) is None


async def test_who_wants_more_opens_more() -> None:
    async with Scripted(lambda seen: answer(headers={"Connection": "close"})) as server:
        async with Recorded(bare(), network=Network.after(begun(server.port))) as client:
            await client.send(get(server.host))
            await client.send(get(server.host))

        assert len(server.seen) == 2


async def test_another_server_is_not_reached_by_them(closed_port: int) -> None:
    early = begun(closed_port)
    async with Scripted(lambda seen: answer()) as server:
        async with Recorded(bare(), network=Network.after(early)) as client:
            await client.send(get(server.host))

        assert len(server.seen) == 1
    left = early.take("127.0.0.1", closed_port)
    assert left
    left[0].close()


async def test_where_nobody_listens_that_is_said_as_ever(closed_port: int) -> None:
    network = Network.after(begun(closed_port))
    async with Recorded(bare(), clock=VirtualClock(), network=network) as client:
        with pytest.raises(UnreachableError, match="refused"):
            await client.send(get(f"127.0.0.1:{closed_port}"))


async def test_a_name_that_cannot_be_looked_up_is_looked_up_again() -> None:
    network = Network.after(Early("nowhere.invalid", 443, 1))
    async with Recorded(clock=VirtualClock(), network=network) as client:
        with pytest.raises(UnreachableError, match=r"there is no host nowhere\.invalid"):
            await client.send(get("nowhere.invalid"))


async def test_a_look_up_that_takes_long_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = Event()

    def look_up(*_: Any, **__: Any) -> NoReturn:
        answered.wait(10)
        raise OSError

    async with Scripted(lambda seen: answer()) as server:
        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", look_up)
            early = Early("slow.example", server.port, 1)
            assert early.take("127.0.0.1", server.port) is None
        async with Recorded(bare(), network=Network.after(early)) as client:
            await client.send(get(server.host))
        assert not answered.is_set()
        answered.set()


async def test_a_connection_that_is_there_already_is_as_good() -> None:
    async with Scripted(lambda seen: answer()) as server:
        there = socket.create_connection(("127.0.0.1", server.port))
        there.setblocking(False)  # noqa: FBT003
        line = await Line.finish((there, ("127.0.0.1", server.port)))

        assert not line.is_over
        await line.aclose()


def test_an_address_that_is_not_the_first_gets_none_of_them() -> None:
    early = Early("127.0.0.1", 9, 1)

    assert early.addresses() == ["127.0.0.1"]
    assert early.take("127.0.0.2", 9) is None
    begun = early.take("127.0.0.1", 9)
    assert begun
    begun[0].close()
