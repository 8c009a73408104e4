"""A server that does exactly what a test says, byte for byte: what real registries do only on their worst days.

    async with Scripted(lambda seen: answer(200, b"hello")) as server:
        ...
        assert server.seen[0].headers["authorization"] == …

A script gets each request and returns what to do: bytes to send, or a list of steps, such as
`[answer(…)[:20], RESET]` or `[Pause(0.2), answer(200)]`. It may be a coroutine function.
"""

import asyncio
import contextlib
import inspect
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeAlias

_REASONS = {200: "OK", 201: "Created", 202: "Accepted", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Pause:
    """Sends nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class End:
    """Ends the connection; with `reset` by RST, as a crashed machine or a firewall does."""

    reset: bool = False


CLOSE, RESET = End(), End(reset=True)
Step: TypeAlias = bytes | Pause | End
Reply: TypeAlias = bytes | Sequence[Step]
Script: TypeAlias = Callable[[Seen], Reply | Awaitable[Reply]]


def answer(
    status: int = 200,
    body: bytes | str | dict[str, object] = b"",
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    *,
    length: int | None = -1,
) -> bytes:
    """A whole HTTP answer. `length` is the Content-Length to claim: the true one by default, none at all for None."""
    if isinstance(body, dict):
        body = json.dumps(body)
    content = body.encode() if isinstance(body, str) else body
    fields = list(headers.items() if isinstance(headers, Mapping) else headers)
    if length is not None:
        fields.append(("Content-Length", str(len(content) if length < 0 else length)))
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Whatever')}", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def refusal(status: int, code: str = "UNKNOWN", message: str = "", headers: Mapping[str, str] | None = None) -> bytes:
    """An answer with an error body as the distribution-spec has it."""
    return answer(status, {"errors": [{"code": code, "message": message}]}, headers or {})


def challenge(realm: str, scope: str = "", service: str = "test") -> bytes:
    """A 401 that asks for a token."""
    parameters = f'realm="{realm}",service="{service}"' + (f',scope="{scope}"' if scope else "")
    return refusal(401, "UNAUTHORIZED", "authentication required", {"WWW-Authenticate": f"Bearer {parameters}"})


def in_turn(*replies: bytes | Sequence[Step]) -> Script:
    """A script that gives these replies one after the other, and the last one from then on."""
    waiting = list(replies)
    return lambda seen: waiting.pop(0) if len(waiting) > 1 else waiting[0]


class Scripted:
    """The server, on a free port of 127.0.0.1. `seen` are all requests, `connections` how many there were."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.seen: list[Seen] = []
        self.connections = 0
        self._tls = tls
        self._talking: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)

    @property
    def targets(self) -> list[str]:
        """What was asked for, in order."""
        return [f"{seen.method} {seen.target}" for seen in self.seen]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self._talking.add(task)
        try:
            with contextlib.suppress(
                ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError
            ):
                await self._talk(reader, writer)
        finally:
            self._talking.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while seen := await _read(reader):
            self.seen.append(seen)
            reply = self.script(seen)
            if inspect.isawaitable(reply):
                reply = await reply
            for step in [reply] if isinstance(reply, bytes) else reply:
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                elif isinstance(step, End):
                    if step.reset:
                        _reset(writer)
                    return
                else:
                    writer.write(step if seen.method != "HEAD" else _head(step))
                    await writer.drain()


def _head(reply: bytes) -> bytes:
    return reply[: reply.index(b"\r\n\r\n") + 4] if b"\r\n\r\n" in reply else reply


async def _read(reader: asyncio.StreamReader) -> Seen | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        raise AssertionError("regtool never sends chunked bodies: many registries refuse them")
    return Seen(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
