"""What is known about one name: the list, and what the registry really holds behind each row."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Self

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import Index
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Reference, Tag
from regtool.values import dataclass

DEFAULT_GAP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a document could not be understood; `ambiguous` if two readers would understand it differently."""

    why: str
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What is behind a digest, by the content itself: never by what a list says about it.

    `size` is in bytes. `platform`, `created` and `revision` come from the image's configuration; `platform` is None
    for what is no image. `foreign` are layers to be fetched from elsewhere, `lacking` blobs that are not there.
    """

    media_type: str
    size: int
    platform: Platform | None = None
    created: datetime | None = None
    revision: str = ""
    foreign: tuple[Digest, ...] = ()
    lacking: tuple[Descriptor, ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One row of a list, at `position` from 0. `child` is None if the registry lacks it, or if nobody looked."""

    position: int
    entry: Descriptor
    child: Child | None
    seen: bool = True

    @property
    def missing(self) -> bool:
        """Whether the registry has been asked for what this row names, and does not have it."""
        return self.seen and self.child is None

    @property
    def label(self) -> Platform | None:
        """The platform that the row claims."""
        return self.entry.platform.value if self.entry.platform else None

    @property
    def truth(self) -> Platform | None:
        """The platform that the image was built for, by its own configuration."""
        return self.child.platform if self.child else None

    @property
    def contradicts(self) -> bool:
        """Whether row and image name different platforms. What only one of the two says is no contradiction."""
        if self.label is None or self.truth is None or self.entry.is_attestation:
            return False
        label, truth = self.label.normalized(), self.truth.normalized()
        same = (label.os, label.architecture) == (truth.os, truth.architecture)
        variants = bool(self.truth.variant) and bool(self.label.variant) and label.variant != truth.variant
        versions = bool(label.os_version) and bool(truth.os_version) and label.os_version != truth.os_version
        return not same or variants or versions

    @property
    def works_as(self) -> Platform | None:
        """The platform that a client gets here: None where row and image disagree, or nothing can be pulled."""
        if self.entry.is_attestation or self.missing or self.contradicts:
            return None
        return self.label or self.truth

    def __str__(self) -> str:
        name = f"{self.label} " if self.label else ""
        return f"manifests[{self.position}] {name}{self.entry.digest.algorithm}:{self.entry.digest.short}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the user wants of every tag: at least (or with `exact` just) these platforms, built within `gap`."""

    platforms: tuple[Platform, ...] = ()
    exact: bool = False
    gap: timedelta = DEFAULT_GAP


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the rules may look at. `index` is None for a single image, and where there is a `fault`.

    A single image has one leg: itself. `twin` is another tag of the same repository with the same digest.
    """

    reference: Reference
    descriptor: Descriptor
    index: Index | None = None
    legs: tuple[Leg, ...] = ()
    fault: Fault | None = None
    twin: Tag | None = None
    expect: Expectation = field(default_factory=Expectation)

    @property
    def images(self) -> tuple[Leg, ...]:
        """The rows that run somewhere."""
        return tuple(leg for leg in self.legs if not leg.entry.is_attestation)

    @property
    def is_artifact(self) -> bool:
        """Whether this is no image at all, such as a chart or a signature: platforms mean nothing here."""
        return self.index is None and bool(self.legs) and all(leg.seen and leg.truth is None for leg in self.legs)

    @property
    def offers(self) -> tuple[Platform, ...]:
        """The platforms for which this can be pulled and is what it says, in the order of the list."""
        named = (leg.works_as for leg in self.images)
        return tuple({platform.slot: platform for platform in named if platform}.values())

    def with_children(self, children: Mapping[Digest, Child]) -> Self:
        """The facts as they are once the registry holds these behind their digests."""
        legs = (replace(leg, child=children.get(leg.entry.digest, leg.child)) for leg in self.legs)
        return replace(self, legs=tuple(legs))

    def with_index(self, index: Index) -> Self:
        """The facts as they are once the list is changed: what lies behind the digests is known already."""
        known = {leg.entry.digest: leg for leg in self.legs}
        legs = tuple(
            replace(known[entry.digest], position=position, entry=entry)
            for position, entry in enumerate(index.manifests)
        )
        content = index.to_bytes()
        media_type = index.media_type or self.descriptor.media_type
        descriptor = Descriptor.of(media_type, Digest.of(content), len(content))
        return replace(self, index=index, legs=legs, descriptor=descriptor)
