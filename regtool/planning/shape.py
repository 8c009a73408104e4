"""How a list should look, as the user asks for it."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.values import dataclass


class ListType(StrEnum):
    """Which family a list belongs to. AUTO is Docker's if every entry is, else OCI's."""

    AUTO = "auto"
    DOCKER = "docker"
    OCI = "oci"


class Attestations(StrEnum):
    """What happens to the attestations that come with an image."""

    KEEP = "keep"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a list should look like. `platforms` empty means all; `convert` rewrites images that `type` does not fit."""

    type: ListType = ListType.AUTO
    annotations: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[Platform, ...] = ()
    attestations: Attestations = Attestations.KEEP
    keep_order: bool = False
    convert: bool = False

    def __post_init__(self) -> None:
        if self.convert and self.type is ListType.AUTO:
            raise UsageError("--convert", "does not say to what", "add --type oci or --type docker")
        for key, value in self.annotations.items():
            try:
                f"{key}{value}".encode()
            except UnicodeEncodeError:
                raise UsageError(f"annotation {key!r}", "is not text in UTF-8") from None
