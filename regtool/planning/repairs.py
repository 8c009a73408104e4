"""Repairs as values, and what a list looks like once they are made.

What no repair names stays as it is: every field, known or not, in its place.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from regtool.documents.descriptor import Descriptor, PlatformObject
from regtool.documents.index import Index
from regtool.errors import UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class SetPlatform:
    """Writes the platform of the row at `position`."""

    position: int
    platform: Platform

    def __str__(self) -> str:
        return f"set its platform to {self.platform}"


@dataclass(frozen=True, slots=True)
class SetSize:
    """Writes the size of the row at `position`, in bytes."""

    position: int
    size: int

    def __str__(self) -> str:
        return f"set its size to {self.size}"


@dataclass(frozen=True, slots=True)
class SetMediaType:
    """Writes the media type of the row at `position`."""

    position: int
    media_type: str

    def __str__(self) -> str:
        return f"set its type to {self.media_type}"


@dataclass(frozen=True, slots=True)
class DropRow:
    """Takes the row at `position` out of the list."""

    position: int

    def __str__(self) -> str:
        return "drop this row"


@dataclass(frozen=True, slots=True)
class SetListType:
    """Makes the list one of another media type."""

    media_type: str

    def __str__(self) -> str:
        return f"make the list {self.media_type}"


@dataclass(frozen=True, slots=True)
class DropAnnotations:
    """Takes the annotations off the list."""

    def __str__(self) -> str:
        return "drop the annotations, which nobody reads there"


@dataclass(frozen=True, slots=True)
class Refill:
    """Brings what the registry lacks from another repository; the list stays as it is. Only done with `--from`."""

    digests: tuple[Digest, ...]

    def __str__(self) -> str:
        return "bring what is missing from a repository that has it"


@dataclass(frozen=True, slots=True)
class SplitFamilies:
    """Gives the rows of Docker's family a list of their own. Only done when asked for."""

    def __str__(self) -> str:
        return "split the list in two, one for each family"


Repair = SetPlatform | SetSize | SetMediaType | DropRow | SetListType | DropAnnotations | Refill | SplitFamilies


def repaired(index: Index, repairs: Iterable[Repair]) -> Index:
    """The list with the repairs made. Positions are those of `index`; a row that is dropped needs no other repair."""
    changes: dict[int, dict[str, Any]] = {}
    dropped: set[int] = set()
    fields = index.as_json()
    for repair in repairs:
        match repair:
            case DropRow(position):
                dropped.add(position)
            case SetPlatform(position, platform):
                changes.setdefault(position, {})["platform"] = PlatformObject.of(platform).as_json()
            case SetSize(position, size):
                changes.setdefault(position, {})["size"] = size
            case SetMediaType(position, media_type):
                changes.setdefault(position, {})["mediaType"] = media_type
            case SetListType(media_type):
                fields["mediaType"] = media_type
            case DropAnnotations():
                fields.pop("annotations", None)
            case _:
                pass  # changes the registry or the number of lists, not this list
    rows = [_row(entry, changes.get(at, {})) for at, entry in enumerate(index.manifests) if at not in dropped]
    return Index.view(fields | {"manifests": rows}, "the repaired list")


def families(index: Index, what: str) -> tuple[Index, Index]:
    """The list in two: what is OCI's in an OCI index, and what is Docker's in a Docker manifest list.

    Raises UsageError where a Docker image has attestations, which only an OCI index can hold.
    """
    docker = {entry.digest for entry in index.images if types.is_docker(entry.media_type)}
    bound = [entry for entry in index.attestations if entry.attests in docker]
    if bound:
        why = f"has an attestation of {bound[0].attests}, which is Docker's and would lose it"
        raise UsageError(what, why, "rebuild that image with OCI media types")
    rows: list[list[Descriptor]] = [[], []]
    for entry in index.manifests:
        rows[entry.digest in docker].append(entry)
    return Index.of(types.OCI_INDEX, rows[0], index.annotations), Index.of(types.DOCKER_LIST, rows[1])


def _row(entry: Descriptor, change: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its changes. A new platform replaces what is known of the old one and keeps what is not."""
    row = entry.as_json()
    if "platform" in change:
        unknown = entry.platform.unknown if entry.platform else {}
        change = {**change, "platform": {**change["platform"], **unknown}}
    return {**row, **change}
