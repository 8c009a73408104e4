"""A proxy between regtool and a real registry that does to chosen requests what bad networks and servers do.

    async with FaultyProxy(registry.host) as proxy:
        proxy.on("PUT .*/manifests/1.0", after(RESET), times=1)

Everything that no rule is for passes unchanged. `seen` are all requests, in the order in which they came.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, TypeAlias

from tests.transport.scripted import CLOSE, End, Pause, Reply, Scripted, Seen, Step, answer

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date"})


@dataclass(frozen=True)
class Answered:
    """What the registry said."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """A header field by its name, empty if there is none."""
        return next((value for field_name, value in self.headers if field_name.lower() == name.lower()), "")

    def with_header(self, name: str, value: str | None) -> Self:
        """The same with another value of a field; None leaves it out."""
        others = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=others if value is None else (*others, (name, value)))

    def encode(self, *, length: int | None = -1) -> bytes:
        """As it goes over the wire; `length` as `answer` has it. Of a HEAD the length is the registry's own."""
        said = self.header("x-length")
        kept = [(name, value) for name, value in self.headers if name.lower() != "x-length"]
        return answer(self.status, self.body, kept, length=int(said) if said and length == -1 else length)


Forward: TypeAlias = Callable[[Seen], Awaitable[Answered]]
Reaction: TypeAlias = Callable[[Seen, Forward], Awaitable[Reply]]


@dataclass
class Rule:
    """What happens to the requests whose method and target match, as often as `times` says; None is for ever."""

    pattern: re.Pattern[str]
    reaction: Reaction
    times: int | None = None
    skip: int = 0
    met: int = 0  # requests that match
    taken: int = 0  # those to which it happened

    def takes(self, seen: Seen) -> bool:
        """Whether this request is one of them, which is counted."""
        if not self.pattern.search(f"{seen.method} {seen.target}"):
            return False
        self.met += 1
        takes = self.met > self.skip and (self.times is None or self.taken < self.times)
        self.taken += takes
        return takes


class FaultyProxy:
    """The proxy, on a port of its own. The registry takes it for itself, so its upload locations lead here, too."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._server = Scripted(self._react)
        self.rules: list[Rule] = []

    @property
    def host(self) -> str:
        """Where it is."""
        return self._server.host

    @property
    def seen(self) -> list[Seen]:
        """Every request up to now."""
        return self._server.seen

    @property
    def asked(self) -> list[str]:
        """Method and target of each request."""
        return [f"{seen.method} {seen.target}" for seen in self.seen]

    def on(self, pattern: str, reaction: Reaction, *, times: int | None = None, skip: int = 0) -> Rule:
        """Adds a rule. The first that takes a request decides."""
        rule = Rule(re.compile(pattern), reaction, times, skip)
        self.rules.append(rule)
        return rule

    def heal(self) -> None:
        """Lets everything pass from now on."""
        self.rules.clear()

    async def forward(self, seen: Seen) -> Answered:
        """Asks the registry, on a connection of its own."""
        host, _, port = self._upstream.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            fields = [(name, value) for name, value in seen.headers.items() if name not in _HOP_BY_HOP]
            fields += [("connection", "close"), ("content-length", str(len(seen.body)))]
            head = "\r\n".join([f"{seen.method} {seen.target} HTTP/1.1", *(f"{k}: {v}" for k, v in fields), "", ""])
            writer.write(head.encode("latin-1") + seen.body)
            return _parse(await reader.read(-1))
        finally:
            writer.close()

    async def _react(self, seen: Seen) -> Reply:
        for rule in self.rules:
            if rule.takes(seen):
                return await rule.reaction(seen, self.forward)
        return (await self.forward(seen)).encode()

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, traceback)


def instead(*steps: Step) -> Reaction:
    """Does these steps; the registry never hears of the request."""

    async def react(seen: Seen, forward: Forward) -> Reply:
        return steps

    return react


def after(*steps: Step) -> Reaction:
    """Lets the registry do its work, keeps its answer back, and does these steps."""

    async def react(seen: Seen, forward: Forward) -> Reply:
        await forward(seen)
        return steps

    return react


def cut(share: float, end: End = CLOSE) -> Reaction:
    """Passes on this share of the body, although the header promises all of it."""

    async def react(seen: Seen, forward: Forward) -> Reply:
        answered = await forward(seen)
        whole = answered.encode()
        return [whole[: len(whole) - round(len(answered.body) * (1 - share))], end]

    return react


def drip(seconds: float, size: int = 1) -> Reaction:
    """Passes the answer on in pieces of `size` bytes, so many seconds apart."""

    async def react(seen: Seen, forward: Forward) -> Reply:
        whole = (await forward(seen)).encode()
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        return [step for piece in pieces for step in (piece, Pause(seconds))]

    return react


def changed(change: Callable[[Answered], Answered], *, length: int | None = -1) -> Reaction:
    """Passes on something other than what the registry said."""

    async def react(seen: Seen, forward: Forward) -> Reply:
        return change(await forward(seen)).encode(length=length)

    return react


def following(first: Callable[[Seen, Forward], Awaitable[None]]) -> Reaction:
    """Does something at the registry before the request passes."""

    async def react(seen: Seen, forward: Forward) -> Reply:
        await first(seen, forward)
        return (await forward(seen)).encode()

    return react


def late(seconds: float) -> Reaction:
    """Passes the request on after a while."""

    async def react(seen: Seen, forward: Forward) -> Reply:
        await asyncio.sleep(seconds)
        return (await forward(seen)).encode()

    return react


def _parse(content: bytes) -> Answered:
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    known = {name.lower(): value for name, value in fields}
    if known.get("transfer-encoding") == "chunked":
        body = _joined(body)
    kept = tuple(pair for pair in fields if pair[0].lower() not in _HOP_BY_HOP)
    if not body and known.get("content-length", "0") != "0":  # the answer to a HEAD
        kept = (*kept, ("x-length", known["content-length"]))
    return Answered(int(first.split(" ")[1]), kept, body)


def _joined(chunked: bytes) -> bytes:
    chunks: list[bytes] = []
    while chunked:
        size, _, chunked = chunked.partition(b"\r\n")
        length = int(size, 16)
        chunks.append(chunked[:length])
        chunked = chunked[length + 2 :]
    return b"".join(chunks)
