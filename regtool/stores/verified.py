"""Content compared with its descriptor while it passes."""

import hashlib
from collections.abc import AsyncIterator

from regtool.documents.descriptor import Descriptor
from regtool.errors import ContentError
from regtool.stores.protocols import Content


class Vouched:
    """Content that a store hands out, and so has compared with its descriptor already: nobody needs to do it again."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def __call__(self) -> AsyncIterator[bytes]:
        """Opens the content."""
        return self._content()


def verified(content: Content, descriptor: Descriptor, what: str) -> Content:
    """The same content, with a ContentError in it as soon as it turns out not to be what `descriptor` says."""
    if isinstance(content, Vouched):
        return content

    async def checked() -> AsyncIterator[bytes]:
        check = Verifier(descriptor, what)
        async for chunk in content():
            check.update(chunk)
            yield chunk
        check.complete()

    return checked


class Verifier:
    """Counts and hashes one blob. `what` names it in a ContentError."""

    def __init__(self, descriptor: Descriptor, what: str) -> None:
        self._descriptor = descriptor
        self._what = what
        self._hash = hashlib.new(descriptor.digest.algorithm)
        self._size = 0  # bytes so far

    def update(self, chunk: bytes) -> None:
        """Takes the next bytes. More than the descriptor says is an error at once."""
        self._size += len(chunk)
        if self._size > self._descriptor.size:
            raise ContentError(self._what, f"is larger than the {self._descriptor.size} bytes of its descriptor")
        self._hash.update(chunk)

    def complete(self) -> None:
        """The end of the content: now it must be all of it, and the right one."""
        if self._size != self._descriptor.size:
            raise ContentError(self._what, f"is {self._size} bytes, not the {self._descriptor.size} of its descriptor")
        if self._hash.hexdigest() != self._descriptor.digest.hex:
            raise ContentError(self._what, "content does not match its digest", "it was altered or damaged")
