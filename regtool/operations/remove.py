"""`rm`: a tag alone, or a manifest that nothing needs any more."""

from collections.abc import Iterable, Sequence
from typing import Self

from regtool.concurrency import each
from regtool.errors import ConflictError
from regtool.model.digest import Digest
from regtool.model.reference import Place, Reference
from regtool.operations.delete import deletes
from regtool.operations.inventory import take_inventory, with_referrers
from regtool.planning.graph import Graph, Need
from regtool.planning.removal import ManifestDrop, Removal, TagDrop
from regtool.stores.places import Stores
from regtool.values import dataclass

_NAMED = 5  # needs that an error message names


@dataclass(frozen=True, slots=True)
class RemoveRequest:
    """The tags and manifests to remove, place by place. `force` removes also what is still needed."""

    references: dict[Place, tuple[Reference, ...]]
    force: bool = False
    dummy: bool = False

    @classmethod
    def parse(cls, names: Sequence[str], *, force: bool = False, dummy: bool = False) -> Self:
        """Reads the words of the command line. Each has to say its tag or its digest. Raises UsageError."""
        places: dict[Place, dict[Reference, None]] = {}
        for name in names:
            reference = Reference.parse_exact(name)
            places.setdefault(reference.place, {})[reference] = None
        return cls({place: tuple(references) for place, references in places.items()}, force, dummy)


@dataclass(frozen=True, slots=True)
class Breakage:
    """Something that still needs a manifest that is to go."""

    reference: Reference
    need: Need

    def __str__(self) -> str:
        by = self.reference.place.at(self.need.by)
        return f"{by} {self.need.how}"


@dataclass(frozen=True, slots=True)
class Removing:
    """What `rm` will remove, and what that breaks."""

    removals: tuple[Removal, ...]
    breaks: tuple[Breakage, ...]


async def plan_remove(request: RemoveRequest, stores: Stores) -> Removing:
    """Looks at everything that is to go, and at what needs it. Removes nothing.

    Raises ConflictError, naming what needs it, unless the request forces it; NotFoundError for what is not there;
    ConflictError, too, for a place where nothing is deleted.
    """
    stores.expect(deletes=request.references)
    for place in request.references:
        deletes(stores.at(place), place)
    found = await each(lambda place: _plan(place, request, stores), request.references)
    breaks = tuple(breakage for _, broken in found for breakage in broken)
    if breaks and not request.force:
        raise _refused(breaks)
    return Removing(tuple(removal for removal, _ in found), breaks)


async def _plan(place: Place, request: RemoveRequest, stores: Stores) -> tuple[Removal, list[Breakage]]:
    references = request.references[place]
    drops = await each(lambda reference: _tag_drop(reference, stores), [one for one in references if one.tag])
    digests = [one.digest for one in references if one.digest and not one.tag]
    # A tag that goes with its manifest need not go before, where tags cannot be removed alone.
    alone = tuple(drop for drop in drops if drop.was not in digests)
    if not digests:
        return Removal(place, alone, dummy=request.dummy), []
    store = stores.at(place)
    await each(store.resolve, digests)
    graph = await with_referrers(await take_inventory(store), digests, store)
    removal = Removal(place, alone, _manifest_drops(graph, digests), dummy=request.dummy, seen=graph.tags)
    return removal, _breaks(graph, place, digests, drops)


async def _tag_drop(reference: Reference, stores: Stores) -> TagDrop:
    """The tag, which must be at the digest that the reference names, if it names one."""
    assert reference.tag is not None
    now = (await stores.at(reference.place).resolve(reference.tag)).digest
    if reference.digest and reference.digest != now:
        raise ConflictError(f"{reference.place.at(reference.tag)}", f"is at {now}, not at {reference.digest}")
    return TagDrop(reference.tag, now)


def _manifest_drops(graph: Graph, digests: Sequence[Digest]) -> tuple[ManifestDrop, ...]:
    tags = {digest: tuple(sorted(tag for tag, at in graph.tags.items() if at == digest)) for digest in digests}
    return tuple(
        ManifestDrop(digest, tags[digest], _listed(graph, digest)) for digest in graph.outermost_first(digests)
    )


def _listed(graph: Graph, digest: Digest) -> Digest | None:
    return graph.nodes[digest].subject if graph.listing(digest) else None


def _breaks(graph: Graph, place: Place, digests: Sequence[Digest], drops: Iterable[TagDrop]) -> list[Breakage]:
    leaving = {drop.tag for drop in drops}
    needs = [(digest, need) for digest in digests for need in graph.needs_of(digest, digests)]
    return [Breakage(place.at(digest), need) for digest, need in needs if need.by not in leaving]


def _refused(breaks: Sequence[Breakage]) -> ConflictError:
    names = "; ".join(map(str, breaks[:_NAMED])) + (f"; and {len(breaks) - _NAMED} more" if breaks[_NAMED:] else "")
    first = breaks[0].reference
    return ConflictError(str(first), f"is still needed: {names}", "--force deletes it all the same")
