"""Where an image comes from, as it says itself: the commit, the version, and the moment of its build."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Self

from regtool.values import dataclass

REVISION = "org.opencontainers.image.revision"
VERSION = "org.opencontainers.image.version"
CREATED = "org.opencontainers.image.created"

# Builds that can be repeated say that they are of 1970 or 1980: that is no moment of a build.
_FIRST_BELIEVED = datetime(1981, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an image, or a list of images, says of its making. Empty or None where it says nothing."""

    revision: str = ""
    version: str = ""
    created: datetime | None = None

    @classmethod
    def of(cls, labels: Mapping[str, str], annotations: Mapping[str, str], created: str | None = None) -> Self:
        """From the annotations of an image's manifest, then its labels, and its configuration's `created`.

        Annotations come first as they are the build's own: labels may be those of a base image.
        """
        said = {**labels, **annotations}
        made = moment(annotations.get(CREATED)) or moment(created)
        return cls(revision=said.get(REVISION, ""), version=said.get(VERSION, ""), created=made)

    @classmethod
    def of_all(cls, images: Iterable["Origin"], annotations: Mapping[str, str]) -> Self:
        """Of a list: what its annotations say, else what all its images agree on, and their latest moment."""
        origins = list(images)
        moments = [origin.created for origin in origins if origin.created]
        return cls(
            revision=annotations.get(REVISION) or _agreed(origin.revision for origin in origins),
            version=annotations.get(VERSION) or _agreed(origin.version for origin in origins),
            created=moment(annotations.get(CREATED)) or max(moments, default=None),
        )


def moment(text: str | None) -> datetime | None:
    """A moment in RFC 3339; None for no moment, and for one that nobody means."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware if aware >= _FIRST_BELIEVED else None


def _agreed(values: Iterable[str]) -> str:
    different = set(values)
    return different.pop() if len(different) == 1 else ""
