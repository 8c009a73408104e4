"""The rows of a list as they stand in its JSON, and how one is taken out, replaced or put in.

A row that is not touched stays the very object that was read, so nothing that regtool does not know is lost.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from regtool.documents.descriptor import Descriptor
from regtool.model.digest import HEX_LENGTHS, Digest
from regtool.model.platform import Platform
from regtool.planning.member import Member
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: its JSON, and the view onto it."""

    json: dict[str, Any]
    entry: Descriptor

    @classmethod
    def read(cls, document: dict[str, Any], what: str) -> list[Self]:
        """The rows of a list's JSON; `what` names it in a ContentError."""
        return [cls(row, Descriptor.view(row, what)) for row in document["manifests"]]

    @classmethod
    def of(cls, entries: Iterable[Descriptor]) -> list[Self]:
        """New rows."""
        return [cls(entry.as_json(), entry) for entry in entries]

    def changed(self, json: dict[str, Any]) -> "Row":
        """This row with other JSON."""
        return Row(json, Descriptor.view(json, str(self.entry.digest)))

    @property
    def digest(self) -> Digest:
        """What the row points at."""
        return self.entry.digest

    @property
    def platform(self) -> Platform | None:
        """The platform of an image; None for attestations and for what names none."""
        if self.entry.platform is None or self.entry.is_attestation:
            return None
        return self.entry.platform.value


@dataclass(frozen=True, slots=True)
class Entries:
    """Which rows are meant: those of one digest, or the images for a platform."""

    wanted: Platform | Digest

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a digest or a platform. Raises UsageError."""
        is_digest = text.partition(":")[0] in HEX_LENGTHS
        return cls(Digest.parse(text) if is_digest else Platform.parse(text))

    def match(self, row: Row) -> bool:
        """Whether this row is meant. An attestation is meant only by its own digest."""
        if isinstance(self.wanted, Digest):
            return row.digest == self.wanted
        return row.platform is not None and row.platform.satisfies(self.wanted)

    def __str__(self) -> str:
        return str(self.wanted)


def without(rows: Sequence[Row], gone: Sequence[Row]) -> list[Row]:
    """The rows without these, and without the attestations of images that are then no longer listed."""
    kept = [row for row in rows if row not in gone]
    lost = {row.digest for row in gone} - {row.digest for row in kept}
    return [row for row in kept if row.entry.attests not in lost]


def inserted(rows: Sequence[Row], member: Member) -> list[Row]:
    """The rows with a new image, before the first one that comes after it in a written list."""
    order = member.platform.order if member.platform else None
    later = (at for at, row in enumerate(rows) if order and row.platform and row.platform.order > order)
    at = next(later, len(rows))
    return [*rows[:at], *Row.of(member.entries), *rows[at:]]


def replaced(rows: Sequence[Row], old: Sequence[Row], member: Member) -> list[Row]:
    """The rows with a member where the first of the `old` images was. They go, and their attestations with them."""
    at = rows.index(old[0])
    return [*without(rows[:at], old), *Row.of(member.entries), *without(rows[at:], old)]


def completed(rows: Sequence[Row], member: Member) -> list[Row]:
    """The rows, which have the image already, with those of the member's attestations that they lack behind it."""
    listed = {row.digest for row in rows}
    lacking = [entry for entry in member.attestations if entry.digest not in listed]
    at = 1 + max(at for at, row in enumerate(rows) if member.digest in (row.digest, row.entry.attests))
    return [*rows[:at], *Row.of(lacking), *rows[at:]]
