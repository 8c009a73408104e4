"""What rows are arranged with."""

import socket
from collections.abc import Callable

from regtool.transport.line import Line
from regtool.transport.network import Network, dial
from tests.faults.proxy import Answered, Reaction
from tests.faults.world import World

Arrange = Callable[[World], object]

NAME = "registry.example.com"
PUBLIC = "93.184.216.34"  # an address on the outside, which these networks lead to the proxy
SHORT = 0.8  # seconds; a deadline that a test can wait for
NO_DIGEST = f"sha256:{'0' * 64}"
LARGE = 640 * 1024  # bytes of a layer that comes in several pieces


def on(pattern: str, reaction: Reaction, times: int | None = 1, skip: int = 0) -> Arrange:
    """Does this to the requests that match, the first of them or so many; None is all. LAYER stands for its digest."""
    return lambda world: world.proxy.on(pattern.replace("LAYER", world.layer), reaction, times=times, skip=skip)


def always(pattern: str, reaction: Reaction) -> Arrange:
    """Does this to all requests that match."""
    return on(pattern, reaction, None)


def all_of(*arrangements: Arrange) -> Arrange:
    """Does one after the other."""

    def arrange(world: World) -> None:
        for each in arrangements:
            each(world)

    return arrange


def pulling(*arrangements: Arrange) -> Arrange:
    """Reads through the proxy and writes past it, to a registry that has none of it."""

    def arrange(world: World) -> None:
        world.target = f"{world.registry.host}/{world.repository}/copy"

    return all_of(arrange, *arrangements)


def pushing(*arrangements: Arrange) -> Arrange:
    """Reads past the proxy and writes through it, to a registry that has none of it."""

    def arrange(world: World) -> None:
        world.host, world.target = world.registry.host, f"{world.proxy.host}/{world.repository}/copy"

    return all_of(arrange, *arrangements)


def named(*refusals: int, addresses: tuple[str, ...] = (PUBLIC,)) -> Arrange:
    """Gives the registry a name, and a resolver that says these things before it finds the addresses."""

    def arrange(world: World) -> None:
        left = list(refusals)

        async def resolve(host: str, port: int) -> list[str]:
            if left:
                raise socket.gaierror(left.pop(0), "resolver")
            return list(addresses) if host == NAME else [host]

        async def connect(address: str, port: int) -> Line:
            own = int(world.proxy.host.rpartition(":")[2])
            return await dial("127.0.0.1", own if address == PUBLIC else port)

        world.host, world.settings["plain_http"], world.network = NAME, True, Network(resolve, connect)

    return arrange


def header(name: str, value: str | None) -> Callable[[Answered], Answered]:
    """A change of one header field."""
    return lambda answered: answered.with_header(name, value)
