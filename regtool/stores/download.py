"""A blob from a registry, over as many connections as it takes.

The transport tries again until an answer begins. After that a broken connection would cost all that has passed, of a
layer maybe gigabytes: so the rest is asked for (RFC 9110, 14.2), from the byte at which it broke.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from regtool.documents.descriptor import Descriptor
from regtool.errors import ContentError, UnreachableError
from regtool.stores.verified import Verifier
from regtool.transport.problem import error_for
from regtool.transport.stream import Stream

Open = Callable[[int], AbstractAsyncContextManager[Stream]]  # asks for the blob from this byte on

_TRIES = 3  # connections in a row that may break without bringing anything


async def download(open_from: Open, descriptor: Descriptor, what: str) -> AsyncIterator[bytes]:
    """The blob as it arrives, hashed as it passes. Raises ContentError for what it should not be."""
    check, passed, left = Verifier(descriptor, what), 0, _TRIES
    while True:
        before = passed
        try:
            async with open_from(passed) as stream:
                async for chunk in _rest(stream, passed, what):
                    check.update(chunk)
                    passed += len(chunk)
                    yield chunk
            break
        except UnreachableError:  # not for TimedOutError: who drips would be asked again without end
            left = _TRIES if passed > before else left - 1
            if passed == 0 or left == 0:
                raise
    check.complete()


async def _rest(stream: Stream, passed: int, what: str) -> AsyncIterator[bytes]:
    """What comes after the first `passed` bytes, also from a registry that always begins with the first."""
    if stream.status not in (200, 206):
        raise error_for(await stream.whole(), what)
    if stream.status == 206 and not stream.headers.get("content-range", "").startswith(f"bytes {passed}-"):
        raise ContentError(what, "the registry sends another part than it was asked for")
    skip = passed if stream.status == 200 else 0
    async for chunk in stream.chunks():
        if skip < len(chunk):
            yield chunk[skip:]
        skip = max(0, skip - len(chunk))
