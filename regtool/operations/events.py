"""What happens while a command runs, as values. The library tells; the command line decides what a person sees."""

from collections.abc import Callable

from regtool.documents.descriptor import Descriptor
from regtool.model.digest import Digest
from regtool.model.reference import Reference, Tag
from regtool.planning.member import Member
from regtool.planning.plan import Plan
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A source was read; `images` is how many images it brings."""

    source: Reference
    digest: Digest
    images: int


@dataclass(frozen=True, slots=True)
class Bringing:
    """What these plans have to bring, which the target may have in part, is brought now."""

    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class BlobPassing:
    """A blob is on its way: `passed` bytes of it so far. It begins anew where a request has to be repeated."""

    blob: Descriptor
    passed: int


@dataclass(frozen=True, slots=True)
class BlobPlaced:
    """A blob is now in the target: `mounted`, `uploaded`, or there already (`present`)."""

    blob: Descriptor
    how: str


@dataclass(frozen=True, slots=True)
class ManifestStored:
    """A manifest was stored in the target by its digest."""

    reference: Reference


@dataclass(frozen=True, slots=True)
class TagMoved:
    """A tag was written and read back: it now has the digest `to`, and had `was` before."""

    reference: Reference
    to: Digest
    was: Digest | None


@dataclass(frozen=True, slots=True)
class TagRemoved:
    """A tag was removed alone; what it pointed at, `was`, is still there."""

    reference: Reference
    was: Digest


@dataclass(frozen=True, slots=True)
class ManifestDeleted:
    """A manifest was deleted, and with it the tags that pointed at it."""

    reference: Reference
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that was asked for is not there yet: `missing` names it. `left` is in seconds, until the deadline."""

    missing: tuple[str, ...]
    left: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the list for a tag will hold, before anything is written."""

    target: Reference
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class CutOff:
    """Writing was interrupted; `tags` says what has become of each, in words."""

    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the user should know although nothing failed."""

    text: str


Event = (
    SourceRead
    | Bringing
    | BlobPassing
    | BlobPlaced
    | ManifestStored
    | TagMoved
    | TagRemoved
    | ManifestDeleted
    | Waiting
    | Chosen
    | CutOff
    | Note
)
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Hears nothing."""
