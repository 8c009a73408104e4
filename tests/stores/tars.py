"""Tar files for the tests, block by block: right ones, and such as no honest program writes."""

BLOCK = 512


def block(
    name: bytes | str,
    size: bytes | int = 0,
    kind: bytes = b"0",
    link: str = "",
    *,
    magic: bytes = b"ustar\x0000",
    prefix: str = "",
    checksum: bytes | None = None,
) -> bytes:
    """One header."""
    encoded = name if isinstance(name, bytes) else name.encode()
    number = size if isinstance(size, bytes) else f"{size:011o}\0".encode()
    head = encoded.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + number + b"00000000000\0"
    tail = kind + link.encode().ljust(100, b"\0") + magic.ljust(88, b"\0") + prefix.encode().ljust(167, b"\0")
    total = sum(head) + 8 * 32 + sum(tail)
    return head + (checksum or f"{total:06o}\0 ".encode()) + tail


def member(name: str, content: bytes = b"", kind: bytes = b"0", link: str = "") -> bytes:
    """A header and its content."""
    return block(name, len(content), kind, link) + pad(content)


def pax(**records: str) -> bytes:
    """An extended header for the member that follows."""
    return member("pax", b"".join(record(key, value) for key, value in records.items()), b"x")


def record(key: str, value: str) -> bytes:
    """One record of an extended header, with its own length in front."""
    rest = f" {key}={value}\n".encode()
    length = len(rest) + 1
    while length != len(rest) + len(str(length)):
        length += 1
    return str(length).encode() + rest


def tar(*parts: bytes) -> bytes:
    """A whole archive."""
    return b"".join(parts) + bytes(2 * BLOCK)


def pad(content: bytes) -> bytes:
    """Content as it stands in an archive."""
    return content + bytes(-len(content) % BLOCK)
