"""Writing a tar file whose members arrive at the same time, each in a place that was kept for it."""

from threading import Lock
from typing import BinaryIO

from regtool.stores.files import Section
from regtool.stores.tar_index import BLOCK, Member, padded
from regtool.values import dataclass

_MAX_OCTAL = 8**11 - 1  # bytes; larger sizes are written in binary, as GNU tar does
_MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a member in the file, its headers included."""

    start: int
    member: Member


class TarWriter:
    """A tar file that grows. Nothing in it depends on who writes it, where, or when."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = Lock()
        self._end = 0

    def reserve(self, name: str, size: int) -> Slot:
        """Writes the header of a member and keeps `size` bytes for it."""
        header = _header(name, size)
        with self._lock:
            start, offset = self._end, self._end + len(header)
            self._file.seek(start)
            self._file.write(header)
            self._end = offset + padded(size)
        return Slot(start, Member(name, offset, size))

    def write(self, slot: Slot, position: int, content: bytes) -> None:
        """Writes a piece of a member's content, `position` bytes from its beginning."""
        with self._lock:
            self._file.seek(slot.member.offset + position)
            self._file.write(content)

    def add(self, name: str, content: bytes) -> Slot:
        """Writes a small member whole."""
        slot = self.reserve(name, len(content))
        self.write(slot, 0, content)
        return slot

    def discard(self, slot: Slot) -> None:
        """Turns a member whose content did not come into one that nobody looks for."""
        end = slot.member.offset + padded(slot.member.size)
        with self._lock:
            self._file.seek(slot.start)
            self._file.write(_header(f"unused/{slot.start}", end - slot.start - BLOCK))

    def open(self, member: Member) -> Section:
        """The content of a member that has been written."""
        return Section(self._file, self._lock, member.offset, member.size)

    def finish(self) -> None:
        """Writes the mark of the end."""
        with self._lock:
            self._file.truncate(self._end)
            self._file.seek(self._end)
            self._file.write(bytes(2 * BLOCK))


def _header(name: str, size: int) -> bytes:
    """The header of a file; a name that is too long for it, as that of a SHA-512 is, goes into one of its own (pax)."""
    if len(name) <= _MAX_NAME:
        return _block(name, size, b"0")
    record = _record("path", name)
    return _block("pax", len(record), b"x") + record.ljust(padded(len(record)), b"\0") + _block("long", size, b"0")


def _block(name: str, size: int, kind: bytes) -> bytes:
    fields = (
        name.encode().ljust(100, b"\0"), b"0000644\0", b"0000000\0", b"0000000\0", _size(size), b"00000000000\0",
        b"        ", kind.ljust(101, b"\0"), b"ustar\x0000".ljust(88, b"\0"), bytes(BLOCK - 345),
    )  # fmt: skip
    block = b"".join(fields)
    return block[:148] + f"{sum(block):06o}\0 ".encode() + block[156:]


def _size(size: int) -> bytes:
    return f"{size:011o}\0".encode() if size <= _MAX_OCTAL else b"\x80" + size.to_bytes(11)


def _record(key: str, value: str) -> bytes:
    """A pax record; its length counts its own digits."""
    rest = f" {key}={value}\n"
    length = len(rest) + 1
    while len(f"{length}{rest}") != length:
        length += 1
    return f"{length}{rest}".encode()
