"""A plan: everything that a command will write, as plain data.

Commands differ in the plan that they compute; `operations.publish` carries every plan out in the same way.
"""

from pathlib import Path

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.model.digest import Digest
from regtool.model.reference import Place, Reference, Tag
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class BlobMove:
    """A blob that the target may lack, and where it is: in another place, in a file, or here."""

    blob: Descriptor
    origin: Place | Path | bytes


@dataclass(frozen=True, slots=True)
class TagMove:
    """A tag and where it goes. `was` is both the guard and the way back; None if the tag did not exist.

    With `conditional` the write itself depends on it: it is sent as a condition to a registry that may know such, and
    a tag that did not exist must not exist yet.
    """

    tag: Tag
    to: Digest
    was: Digest | None
    conditional: bool = False

    @property
    def changes(self) -> bool:
        """Whether anything has to be written for this tag."""
        return self.was != self.to


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write into one place, in the order in which it is written.

    `children` are manifests that `root` or another child needs and the target lacks, `root` is what the tags will
    point at. A plan without tags stores `root` by digest alone. `guarded` says that the plan was made for what its
    tags hold now: those that exist are looked at again right before they move, and must not have moved meanwhile.
    `pins` says that the tags only keep something from being collected, which nobody wants to take back.
    """

    target: Place
    blobs: tuple[BlobMove, ...]
    children: tuple[Manifest, ...]
    root: Manifest
    tags: tuple[TagMove, ...]
    guarded: bool = False
    pins: bool = False

    @property
    def moves(self) -> tuple[TagMove, ...]:
        """The tags that really move."""
        return tuple(move for move in self.tags if move.changes)

    @property
    def writes_nothing(self) -> bool:
        """Whether every tag already points at the root, so that nothing is left to do."""
        return bool(self.tags) and not self.moves

    @property
    def result(self) -> Reference:
        """The root by digest: the name that scripts go on with."""
        return self.target.at(self.root.digest)
