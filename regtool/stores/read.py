"""Reading a small blob whole."""

from regtool.documents.descriptor import Descriptor
from regtool.errors import ContentError
from regtool.stores.protocols import Source

MAX_CONFIG = 4 * 1024 * 1024


async def read_blob(source: Source, descriptor: Descriptor, what: str, *, limit: int = MAX_CONFIG) -> bytes:
    """A blob such as a configuration, as bytes. Raises ContentError if it is larger than `limit` bytes."""
    if descriptor.size > limit:
        raise ContentError(what, f"is {descriptor.size} bytes, more than the {limit} that are read into memory")
    return b"".join([chunk async for chunk in source.blob(descriptor)])
