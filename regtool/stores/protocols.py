"""What regtool asks of a place that holds content.

Two protocols carry every command: read from a `Source`, write to a `Sink`. What only some places can do is a
protocol of its own, asked for with `isinstance`: a registry mounts, a layout does not.

All raise the errors of `regtool.errors`: `NotFoundError` for what is not there, `ContentError` for content that does
not match its digest, size or type.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol, runtime_checkable

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.model.digest import Digest
from regtool.model.reference import Place, Selector, Tag

Content = Callable[[], AsyncIterator[bytes]]  # opens a blob anew each time it is called, as a retry needs it


class Source(Protocol):
    """A place to read one repository's content from. Everything handed out has been verified against its digest."""

    async def resolve(self, selector: Selector) -> Descriptor:
        """Type, digest and size of a manifest, by the cheapest way that the place offers."""

    async def manifest(self, selector: Selector) -> Manifest:
        """A manifest with its bytes."""

    def blob(self, descriptor: Descriptor) -> AsyncIterator[bytes]:
        """A blob as it streams. Wrong content raises ContentError at the latest when the last byte has passed."""


class Sink(Protocol):
    """A place to write one repository's content to. Every method may be repeated without harm."""

    async def has_blob(self, descriptor: Descriptor) -> bool:
        """Whether a blob is here."""

    async def has_manifest(self, digest: Digest) -> bool:
        """Whether a manifest is here."""

    async def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Stores a blob; refuses content that is not what `descriptor` says."""

    async def put_manifest(self, manifest: Manifest) -> None:
        """Stores a manifest by its digest; what it names must be here already."""

    async def tag(self, manifest: Manifest, tag: Tag) -> None:
        """Stores a manifest and points `tag` at it."""


@runtime_checkable
class Lists(Protocol):
    """A place that lists its tags."""

    def tags(self) -> AsyncIterator[Tag]:
        """Every tag, in the place's own order, as the pages come in."""


class Store(Source, Sink, Lists, Protocol):
    """A place for all of it, as every place is that has a name."""


@runtime_checkable
class Mounts(Protocol):
    """A place that can take a blob over from a neighbour without moving bytes."""

    async def mount(self, descriptor: Descriptor, origin: Place) -> bool:
        """Takes a blob over from `origin`; False if the place declines, and the blob has to be put."""


@runtime_checkable
class TagsTogether(Protocol):
    """A place that may point several tags at a manifest in one step."""

    async def tag_together(self, manifest: Manifest, tags: Sequence[Tag]) -> frozenset[Tag]:
        """Stores the manifest and returns the tags that the place confirms; the others have to be set one by one."""


@runtime_checkable
class Commits(Protocol):
    """A place that keeps what it is given to itself until it is told that this is all."""

    async def commit(self) -> None:
        """Makes everything that was put and tagged visible at once. Without anything new it does nothing."""


@runtime_checkable
class Looks(Protocol):
    """A place where a short look is cheaper than `resolve`, above all for what is not there."""

    async def look(self, selector: Selector) -> Digest | None:
        """The digest of what is there now; None for nothing."""


@runtime_checkable
class Compares(Protocol):
    """A place that may compare before it moves a tag. Not each does: the caller looks, too, before and after."""

    async def tag_if(self, manifest: Manifest, tag: Tag, was: Digest | None) -> None:
        """Stores a manifest and points `tag` at it if the tag still is `was`. Raises ConflictError if it is not."""


@runtime_checkable
class Deletes(Protocol):
    """A place that can forget."""

    async def delete_tag(self, tag: Tag) -> None:
        """Removes the tag alone, never the manifest behind it."""

    async def delete_manifest(self, digest: Digest) -> None:
        """Removes a manifest and with it every tag that points at it."""


@runtime_checkable
class Inventories(Protocol):
    """A place that can say what it holds, tagged or not."""

    async def manifests(self) -> list[Digest]:
        """Every manifest that the place lists; NotFoundError where it tells only the tagged ones."""


@runtime_checkable
class Measures(Protocol):
    """A place that knows how large a blob is before it hands it out."""

    async def size_of(self, digest: Digest) -> int | None:
        """The size of a blob in bytes; None if it is not here."""


@runtime_checkable
class Refers(Protocol):
    """A place that knows which manifests have a given one as their subject."""

    async def referrers(self, subject: Digest) -> list[Descriptor]:
        """The manifests whose subject this is, without those that only a fallback tag knows."""


@runtime_checkable
class Closes(Protocol):
    """A place that holds something open."""

    def close(self) -> None:
        """Lets go of it. Nothing is read from the place or written to it afterwards."""
