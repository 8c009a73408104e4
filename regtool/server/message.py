"""A request and a response, as the handlers see them, and the way between them and ASGI."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from regtool.values import dataclass

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client may take, in seconds."""

    head: float = 10.0  # for the head of a request, from its first byte or from the connection on
    body: float = 30.0  # between two pieces of a body


PATIENT = Patience()


class ClientGone(Exception):
    """The client hung up or fell silent in the middle of its body. Nobody is there to be answered."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `path` is decoded, header names are in lower case, `words` is what the route found in the path."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    receive: Receive
    patience: Patience = PATIENT
    words: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, scope: Scope, receive: Receive, patience: Patience) -> "Request":
        """The request of an ASGI scope."""
        headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return cls(scope["method"], scope["path"], tuple(query), headers, receive, patience)

    def with_words(self, words: dict[str, str]) -> "Request":
        """This request, with what a route found in its path."""
        return replace(self, words=words)

    def parameter(self, name: str) -> str | None:
        """The first query parameter of this name."""
        return next((value for key, value in self.query if key == name), None)

    def parameters(self, name: str) -> list[str]:
        """All query parameters of this name."""
        return [value for key, value in self.query if key == name]

    @property
    def length(self) -> int | None:
        """The `Content-Length` in bytes, if there is one."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isdecimal() else None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes in. Raises ClientGone."""
        more = True
        while more:
            try:
                message = await asyncio.wait_for(self.receive(), self.patience.body)
            except TimeoutError:
                raise ClientGone from None
            if message["type"] == "http.disconnect":
                raise ClientGone
            more = message.get("more_body", False)
            if chunk := message.get("body", b""):
                yield chunk

    async def content(self, limit: int) -> bytes | None:
        """The whole body; None if it is larger than `limit` bytes."""
        if (self.length or 0) > limit:
            return None
        content = bytearray()
        async for chunk in self.chunks():
            content += chunk
            if len(content) > limit:
                return None
        return bytes(content)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. A streamed body needs its `Content-Length` among the headers."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | AsyncIterator[bytes] = b""

    async def send(self, send: Send) -> None:
        """Writes the answer to ASGI."""
        await send({"type": "http.response.start", "status": self.status, "headers": self._raw_headers()})
        if isinstance(self.body, bytes):
            await send({"type": "http.response.body", "body": self.body})
            return
        async for chunk in self.body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _raw_headers(self) -> list[tuple[bytes, bytes]]:
        headers = dict(self.headers)
        if isinstance(self.body, bytes) and self.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers.setdefault("Content-Length", str(len(self.body)))
        return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
