"""An answer whose body comes in pieces."""

from collections.abc import AsyncIterator
from dataclasses import replace

from regtool.transport.failure import ExchangeFailed
from regtool.transport.headers import Headers
from regtool.transport.message import DEFAULT_LIMIT, Response
from regtool.transport.sender import Received
from regtool.transport.wire import Answer


class Stream:
    """A successful answer whose body is still coming, or a refusal that has been read already."""

    def __init__(self, received: Received, what: str) -> None:
        self._response = received.response
        self._answer: Answer | None = received.answer
        self._what = what

    @property
    def status(self) -> int:
        """The status code."""
        return self._response.status

    @property
    def headers(self) -> Headers:
        """The header fields."""
        return self._response.headers

    @property
    def url(self) -> str:
        """Where the answer came from."""
        return self._response.url

    async def whole(self) -> Response:
        """The answer with its body, as `error_for` takes it. Of a success nothing may have been read yet."""
        if self._answer is None:
            return self._response
        return replace(self._response, content=await self._answer.read(DEFAULT_LIMIT, self._what))

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises UnreachableError or TimedOutError when it stops coming."""
        if self._answer is None:
            yield self._response.content
            return
        try:
            async for chunk in self._answer.chunks(self._what):
                yield chunk
        except ExchangeFailed as failure:
            raise failure.error(self._what) from failure
