"""What is in a tar file and where, without unpacking anything (POSIX.1-2001 ustar and pax; GNU long names).

Archives come from anywhere. So only what image tools write is understood: plain files, folders, links by name. Sparse
files, devices, several files of one name, numbers that are none and headers that do not add up are refused: where two
readers of an archive could disagree, one of them would be checking something else than what the other runs. Nothing
here takes more time or memory than the headers themselves have bytes.
"""

from collections.abc import Iterator
from typing import BinaryIO

from regtool.errors import ContentError
from regtool.values import dataclass

BLOCK = 512
_MAX_MEMBERS = 200_000
_MAX_EXTENSION = 64 * 1024  # bytes of one pax header or long name
_MAX_NAME = 4096

_FILES = (b"0", b"\0", b"7")
_HARD_LINK, _SYMBOLIC_LINK, _FOLDER = b"1", b"2", b"5"
_PAX, _PAX_GLOBAL, _LONG_NAME, _LONG_LINK = b"x", b"g", b"L", b"K"
_EXTENSIONS = (_PAX, _PAX_GLOBAL, _LONG_NAME, _LONG_LINK)
_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its bytes begin at `offset`. A link has a `target`, which is the name of another member."""

    name: str
    offset: int
    size: int  # bytes
    target: str | None = None


@dataclass(frozen=True, slots=True)
class _Header:
    """One header block, as it stands there."""

    kind: bytes
    name: str
    size: int
    link: str


def index_tar(file: BinaryIO, what: str) -> dict[str, Member]:
    """The files and links of an archive by name. Raises ContentError that names `what`.

    A name is a path below the archive's root, without `./`; links are given as they are, nothing follows them.
    """
    found: dict[str, Member] = {}
    for member in _Reader(file, what).members():
        if member.name in found:
            raise ContentError(what, f"holds {member.name!r} twice")
        if len(found) >= _MAX_MEMBERS:
            raise ContentError(what, f"holds more than {_MAX_MEMBERS} files")
        found[member.name] = member
    return found


def index_of_part(file: BinaryIO) -> dict[str, Member]:
    """The files of an archive whose writer was cut off, up to where it makes no more sense; some may be incomplete."""
    found: dict[str, Member] = {}
    try:
        for member in _Reader(file, "", whole=False).members():
            found.setdefault(member.name, member)
    except ContentError:
        pass
    return found


class _Reader:
    """Goes from header to header."""

    def __init__(self, file: BinaryIO, what: str, *, whole: bool = True) -> None:
        self._file = file
        self._what = what
        length = file.seek(0, 2)
        self._length = length if whole else padded(length)  # the padding of the last file comes with the next header
        self._position = 0
        self._count = 0

    def members(self) -> Iterator[Member]:
        """Every file and link, in the order of the archive."""
        changes: dict[str, str] = {}  # what extension headers say about the next member
        while (header := self._header()) is not None:
            if header.kind in _EXTENSIONS:
                changes |= self._extension(header)
                continue
            member = self._member(header, changes)
            changes = {}
            if member:
                yield member

    def _header(self) -> _Header | None:
        """The header at the current position, and moves behind it; None at the end of the archive."""
        self._file.seek(self._position)
        block = self._file.read(BLOCK)
        if self._position == 0:
            self._refuse_packed(block)
        if len(block) < BLOCK:
            raise self._error("ends without the mark of its end", "it may be cut off: make or fetch it again")
        if not any(block):
            return None
        self._position += BLOCK
        self._count += 1
        if self._count > 4 * _MAX_MEMBERS:
            raise self._error(f"has more than {4 * _MAX_MEMBERS} headers")
        if _number(block[148:156]) != sum(block[:148]) + 8 * ord(" ") + sum(block[156:]):
            raise self._error("is no tar archive, or a damaged one: a header does not add up")
        return self._parsed(block)

    def _parsed(self, block: bytes) -> _Header:
        size = _number(block[124:136])
        if size is None:
            raise self._error("has a file whose size is no number")
        prefix = block[345:500] if block[257:263] == b"ustar\0" else b""  # GNU has other fields there
        name = "/".join(filter(None, (self._text(prefix), self._text(block[:100]))))
        return _Header(block[156:157], name, size, self._text(block[157:257]))

    def _extension(self, header: _Header) -> dict[str, str]:
        """What a pax header or a long name says about the next member."""
        if header.size > _MAX_EXTENSION:
            raise self._error(f"has an extended header of {header.size} bytes")
        content = self._content(header.size)
        if header.kind == _LONG_NAME:
            return {"path": self._text(content)}
        if header.kind == _LONG_LINK:
            return {"linkpath": self._text(content)}
        records = self._records(content)
        if header.kind == _PAX:
            return records
        if records:
            raise self._error(f"changes {', '.join(records)} for all files at once")
        return {}

    def _records(self, content: bytes) -> dict[str, str]:
        """The records of a pax header that matter here, each its length, a blank, `KEY=VALUE`, a newline."""
        found: dict[str, str] = {}
        start = 0
        while start < len(content):
            digits, _, _ = content[start : start + 8].partition(b" ")
            length = int(digits) if digits.isdigit() else 0
            record = content[start + len(digits) + 1 : start + length]
            key, equals, value = record.partition(b"=")
            if length <= len(digits) + 2 or start + length > len(content) or not equals or record[-1:] != b"\n":
                raise self._error("has an extended header that is none")
            if key.startswith(b"GNU.sparse"):
                raise self._error("holds a sparse file")
            if key in (b"path", b"linkpath", b"size"):
                found[key.decode()] = self._text(value[:-1])
            start += length
        return found

    def _member(self, header: _Header, changes: dict[str, str]) -> Member | None:
        """The member behind a header, and moves behind its content; None for a folder."""
        name = self._path(changes.get("path", header.name))
        size = self._size(changes["size"]) if "size" in changes else header.size
        offset = self._position
        if header.kind in _FILES and not (size == 0 and header.name.endswith("/")):
            self._skip(size)
            return Member(name, offset, size)
        if size:
            raise self._error(f"holds {name!r}, which has content but is no file")
        if header.kind in (_HARD_LINK, _SYMBOLIC_LINK):
            target = changes.get("linkpath", header.link)
            # A hard link counts from the root, a symbolic one from the folder in which it lies.
            base = "" if header.kind == _HARD_LINK else name.rpartition("/")[0]
            return Member(name, offset, 0, self._path(f"{base}/{target}" if base else target))
        if header.kind in (_FOLDER, *_FILES):  # before there was a kind for folders, a "/" at the end made one
            return None
        raise self._error(f"holds {name!r}, which is neither a file nor a folder")

    def _path(self, text: str) -> str:
        """A name in its one spelling. Raises ContentError for what is not below the root."""
        parts: list[str] = []
        for part in text.split("/"):
            if part == ".." and not parts:
                raise self._error(f"holds the name {text!r}, which leads outside")
            if part == "..":
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        if text.startswith("/"):
            raise self._error(f"holds the name {text!r}, which leads outside")
        return "/".join(parts)

    def _size(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise self._error("has a file whose size is no number")
        return int(text)

    def _text(self, field: bytes) -> str:
        content, _, _ = field.partition(b"\0")
        if len(content) > _MAX_NAME:
            raise self._error(f"has a name of {len(content)} bytes")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise self._error("has a name that is not UTF-8") from None

    def _content(self, size: int) -> bytes:
        content = self._file.read(size)
        self._skip(size)
        return content

    def _skip(self, size: int) -> None:
        """Moves behind content of this size and its padding."""
        self._position += padded(size)
        if self._position > self._length:
            raise self._error("ends in the middle of a file", "it may be cut off: make or fetch it again")

    def _refuse_packed(self, block: bytes) -> None:
        for magic, name in _PACKED.items():
            if block.startswith(magic):
                raise self._error(f"is compressed with {name}", "unpack it first: it is read in place")

    def _error(self, why: str, hint: str | None = None) -> ContentError:
        return ContentError(self._what, why, hint)


def padded(size: int) -> int:
    """The bytes that content of this size takes in an archive."""
    return -(-size // BLOCK) * BLOCK


def _number(field: bytes) -> int | None:
    """A number field: octal text, or big-endian binary behind a byte 0x80 (GNU). None for anything else."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:])
    digits = field.strip(b" \0")
    if not digits:
        return 0
    return int(digits, 8) if digits.isdigit() and not set(digits) & set(b"89") else None
