"""A member: one image on its way into a list, with what belongs to it."""

from regtool.documents.descriptor import Descriptor, PlatformObject
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """One image for one platform, the attestations paired with it, and the source that brought it.

    `platform` is None for the rare entry that is not run anywhere, such as an artifact; it is carried along.
    """

    source: Reference
    descriptor: Descriptor
    platform: Platform | None
    attestations: tuple[Descriptor, ...] = ()

    @property
    def digest(self) -> Digest:
        """The digest of the image's manifest."""
        return self.descriptor.digest

    @property
    def entry(self) -> Descriptor:
        """The image as it stands in the list: the descriptor with its platform, other fields as they were."""
        if self.platform is None or (self.descriptor.platform and self.descriptor.platform.value == self.platform):
            return self.descriptor
        fields = self.descriptor.as_json() | {"platform": PlatformObject.of(self.platform).as_json()}
        return Descriptor.read(fields)

    @property
    def entries(self) -> tuple[Descriptor, ...]:
        """The rows that this member takes in a list: the image, then its attestations."""
        return (self.entry, *self.attestations)

    def __str__(self) -> str:
        return f"{self.source} ({self.digest.algorithm}:{self.digest.short})"
