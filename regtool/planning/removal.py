"""A removal: everything that a command will delete, as plain data. `operations.delete` carries it out."""

from collections.abc import Mapping
from dataclasses import field

from regtool.model.digest import Digest
from regtool.model.reference import Place, Tag
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class TagDrop:
    """A tag that goes, and what it points at, which stays. It goes only if it still points there."""

    tag: Tag
    was: Digest


@dataclass(frozen=True, slots=True)
class ManifestDrop:
    """A manifest that goes by its digest, and with it the `tags` that point at it.

    `subject` is what it is about if a tag lists it there, as the registry does not: that list loses its row.
    """

    digest: Digest
    tags: tuple[Tag, ...] = ()
    subject: Digest | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """What to delete from one repository, in this order: tags, then manifests, what needs others before these.

    `dummy` allows the way round for a registry that cannot delete a tag alone: a dummy image takes the tag over, and
    is deleted by its digest. What the tag pointed at stays. `seen` are all tags of the place, if it was worked out from
    these that nothing needs the manifests: no tag may have come or moved since.
    """

    target: Place
    tags: tuple[TagDrop, ...] = ()
    manifests: tuple[ManifestDrop, ...] = ()
    dummy: bool = False
    seen: Mapping[Tag, Digest] | None = field(default=None, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to delete."""
        return not self.tags and not self.manifests

    @property
    def drops(self) -> tuple[TagDrop, ...]:
        """Every tag that will be gone, whether it goes alone or with its manifest."""
        return (*self.tags, *(TagDrop(tag, one.digest) for one in self.manifests for tag in one.tags))
