"""One HTTP/1.1 connection: a request out, its answer in, and then perhaps another one. The grammar is h11's."""

import contextlib
from collections.abc import AsyncIterator, Sequence

import h11

from regtool.transport.failure import Disconnected
from regtool.transport.line import Line, Patience

LONGEST_HEAD = 100 * 1024  # bytes of an answer's head

Head = h11.Response


class Connection:
    """A line on which one exchange follows another. `kept` is when it was last given back, in monotonic seconds."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        self.kept = 0.0

    @property
    def is_free(self) -> bool:
        """Whether another request can be sent: everything before has been said on both sides, and nothing more."""
        return self._state.our_state is h11.IDLE and not any(self._state.trailing_data) and not self._line.is_over

    async def is_quiet(self) -> bool:
        """Whether nothing has come unasked: it would be taken for the answer to the next request."""
        return await self._line.is_quiet()

    async def ask(
        self,
        method: str,
        target: str,
        headers: Sequence[tuple[str, str]],
        body: AsyncIterator[bytes] | bytes | None,
        patience: Patience,
    ) -> Head:
        """Sends a request and returns the head of its answer.

        Raises OSError or Disconnected when the other side has gone, TimeoutError, and h11.RemoteProtocolError when
        what comes is no HTTP.
        """
        try:
            request = h11.Request(method=method, target=target, headers=list(headers))
        except h11.LocalProtocolError:  # whose words would show a header, and so perhaps a secret
            raise ValueError("a request that HTTP does not know") from None
        # A server may refuse and leave before it has heard everything: what it said is worth reading.
        with contextlib.suppress(ConnectionError):
            await self._say(request, body, patience)
        while True:
            event = await self._hear(patience)
            if isinstance(event, h11.Response):
                return event

    async def chunks(self, patience: Patience) -> AsyncIterator[bytes]:
        """The body of the answer as it arrives. Raises like `ask`."""
        while True:
            event = await self._hear(patience)
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
        if self._state.our_state is h11.DONE and self._state.their_state is h11.DONE:
            self._state.start_next_cycle()

    async def aclose(self) -> None:
        """Ends the connection."""
        await self._line.aclose()

    async def _say(self, request: h11.Request, body: AsyncIterator[bytes] | bytes | None, patience: Patience) -> None:
        head = self._state.send(request) or b""
        if isinstance(body, AsyncIterator):
            await self._line.write(head, patience)
            async for portion in body:
                await self._line.write(self._state.send(h11.Data(data=portion)) or b"", patience)
            head = b""
        elif body:
            head += self._state.send(h11.Data(data=body)) or b""
        await self._line.write(head + (self._state.send(h11.EndOfMessage()) or b""), patience)

    async def _hear(self, patience: Patience) -> h11.Event:
        while True:
            event = self._state.next_event()
            if event is not h11.NEED_DATA:
                assert isinstance(event, h11.Event)
                return event
            data = await self._line.read(patience)
            self._state.receive_data(data)
            if not data:
                return self._last_event()

    def _last_event(self) -> h11.Event:
        """What the end of the line means: the end of a body that has no other end, or that something is missing."""
        if self._state.their_state is h11.SEND_BODY:
            with contextlib.suppress(h11.RemoteProtocolError):
                event = self._state.next_event()
                assert isinstance(event, h11.Event)
                return event
        raise Disconnected
