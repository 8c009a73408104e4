"""Names, addresses and connections."""

import asyncio
import socket
import time

import pytest

from regtool.errors import UnreachableError
from regtool.transport.address import Depth, depth_of, is_disguised
from regtool.transport.line import Line
from regtool.transport.network import Network, dial
from tests.transport.fixtures import Recorded, VirtualClock, bare, get
from tests.transport.scripted import Scripted, answer


class Names:
    """A resolver with an answer, and a network where some addresses are silent."""

    def __init__(
        self, addresses: list[str] | socket.gaierror, port: int = 0, silent: frozenset[str] = frozenset()
    ) -> None:
        self._addresses, self._port, self._silent = addresses, port, silent
        self.dialled: list[str] = []
        self.asked = 0

    async def resolve(self, host: str, port: int) -> list[str]:
        self.asked += 1
        if isinstance(self._addresses, socket.gaierror):
            raise self._addresses
        return self._addresses

    async def dial(self, address: str, port: int) -> Line:
        self.dialled.append(address)
        if address in self._silent:
            await asyncio.sleep(60)
        return await dial("127.0.0.1", self._port)

    @property
    def network(self) -> Network:
        return Network(self.resolve, self.dial)


async def test_a_black_hole_on_one_address_delays_by_a_moment_only() -> None:
    async with Scripted(lambda seen: answer()) as server:
        names = Names(["2001:db8::1", "93.184.216.34"], server.port, frozenset({"2001:db8::1"}))
        async with Recorded(bare(plain_http=True), network=names.network) as client:
            started = time.monotonic()
            await client.send(get("registry.test"))

    assert time.monotonic() - started < 1
    assert names.dialled == ["2001:db8::1", "93.184.216.34"]


async def test_a_name_that_can_be_nobodys_is_an_error_as_well() -> None:
    async with Recorded(clock=VirtualClock()) as client:
        with pytest.raises(UnreachableError, match=r"host aaa|cannot connect to aaa"):
            await client.send(get(f"{'a' * 64}.example"))


async def test_a_name_that_does_not_exist_is_an_error_at_once() -> None:
    names = Names(socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    async with Recorded(clock=VirtualClock(), network=names.network) as client:
        with pytest.raises(UnreachableError, match=r"there is no host registry.test; check the spelling"):
            await client.send(get("registry.test"))

    assert names.asked == 1


async def test_a_resolver_in_trouble_is_asked_again() -> None:
    names = Names(socket.gaierror(socket.EAI_AGAIN, "Temporary failure"))
    async with Recorded(clock=VirtualClock(), network=names.network) as client:
        with pytest.raises(UnreachableError, match=r"registry.test cannot be resolved at the moment"):
            await client.send(get("registry.test"))

    assert names.asked == 3


async def test_the_registry_itself_may_be_anywhere() -> None:
    async with Scripted(lambda seen: answer()) as server:
        names = Names(["169.254.1.1"], server.port)
        async with Recorded(bare(plain_http=True), network=names.network) as client:
            assert (await client.send(get("registry.test"))).status == 200


async def test_a_second_answer_of_the_resolver_does_not_slip_through() -> None:
    """Rebinding: the name led outside when it was looked at, and leads inside when it is connected to."""
    async with Scripted(lambda seen: answer(200, b"inside")) as inside, Scripted(lambda seen: answer()) as registry:
        answers = {"registry.test": [["93.184.216.34"]], "changing.test": [["127.0.0.1"], ["93.184.216.34"]]}

        async def resolve(host: str, port: int) -> list[str]:
            return answers[host].pop() if len(answers[host]) > 1 else answers[host][0]

        async def connect(address: str, port: int) -> Line:
            return await dial("127.0.0.1", inside.port if address == "127.0.0.1" else registry.port)

        registry.script = lambda seen: (
            answer(200, b"outside", {"Connection": "close"})
            if seen.headers["host"] == "changing.test"
            else answer(307, headers={"Location": "http://changing.test/"})
        )
        async with Recorded(bare(plain_http=True), network=Network(resolve, connect)) as client:
            assert (await client.send(get("registry.test"))).content == b"outside"
            with pytest.raises(UnreachableError, match=r"changing.test is at 127.0.0.1, this machine itself"):
                await client.send(get("registry.test"))

    assert inside.connections == 0


@pytest.mark.parametrize(
    ("address", "depth"),
    [
        ("8.8.8.8", Depth.PUBLIC), ("2606:4700::1111", Depth.PUBLIC), ("::ffff:8.8.8.8", Depth.PUBLIC),
        ("10.0.0.1", Depth.PRIVATE), ("172.16.0.1", Depth.PRIVATE), ("192.168.0.1", Depth.PRIVATE),
        ("100.64.0.1", Depth.PRIVATE), ("fd00::1", Depth.PRIVATE), ("::ffff:10.0.0.1", Depth.PRIVATE),
        ("2002:0a00:0001::1", Depth.PRIVATE), ("198.18.0.1", Depth.PRIVATE),
        ("127.0.0.1", Depth.LOOPBACK), ("127.255.0.1", Depth.LOOPBACK), ("::1", Depth.LOOPBACK),
        ("::ffff:127.0.0.1", Depth.LOOPBACK), ("64:ff9b::127.0.0.1", Depth.LOOPBACK), ("::7f00:1", Depth.LOOPBACK),
        ("169.254.169.254", Depth.NOWHERE), ("fe80::1", Depth.NOWHERE), ("fe80::1%eth0", Depth.NOWHERE),
        ("0.0.0.0", Depth.NOWHERE), ("::", Depth.NOWHERE), ("224.0.0.1", Depth.NOWHERE), ("ff02::1", Depth.NOWHERE),
        ("255.255.255.255", Depth.NOWHERE), ("240.0.0.1", Depth.NOWHERE), ("0.1.2.3", Depth.NOWHERE),
        ("::ffff:169.254.169.254", Depth.NOWHERE),
    ],
)  # fmt: skip
def test_every_address_has_its_depth(address: str, depth: Depth) -> None:
    assert depth_of(address) is depth


@pytest.mark.parametrize(
    ("host", "disguised"),
    [
        ("2130706433", True), ("0x7f000001", True), ("0x7f.1", True), ("0177.0.0.1", True), ("127.1", True),
        ("127.0.0.1", False), ("::1", False), ("registry.example.com", False), ("localhost", False),
        ("0xbeef.com", False),
    ],
)  # fmt: skip
def test_disguised_addresses_are_recognised(host: str, disguised: bool) -> None:
    assert is_disguised(host) is disguised
