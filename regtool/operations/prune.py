"""`prune`: old tags and what no tag leads to, without a byte that is still needed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from regtool.concurrency import each
from regtool.documents.manifest import Manifest
from regtool.errors import ContentError, NotFoundError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Place, Tag
from regtool.operations.delete import deletes
from regtool.operations.inventory import take_inventory, with_referrers
from regtool.operations.journal import Record
from regtool.operations.members import read_config
from regtool.planning.graph import Graph
from regtool.planning.origin import CREATED, moment
from regtool.planning.removal import ManifestDrop, Removal, TagDrop
from regtool.planning.retention import Retention
from regtool.stores.places import Stores
from regtool.stores.protocols import Store
from regtool.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRequest:
    """What falls in a place: tags by `rule`, and with `untagged` every known manifest that no tag leads to.

    What `undo` could bring back stays, unless `forget`. `dummy` is that of a removal.
    """

    place: Place
    rule: Retention
    untagged: bool = False
    forget: bool = False
    dummy: bool = False

    def __post_init__(self) -> None:
        if not (self.untagged or self.rule.is_set):
            raise UsageError(str(self.place), "nothing says what may go", "give --untagged, --keep N or --older AGE")


@dataclass(frozen=True, slots=True)
class Pruning:
    """What `prune` will delete. `undated` are tags that stay as nobody knows how old they are."""

    removal: Removal
    undated: tuple[Tag, ...]
    kept: int  # tags


async def plan_prune(request: PruneRequest, stores: Stores, records: Sequence[Record], now: datetime) -> Pruning:
    """Reads everything that tags lead to, and works out what nothing needs. Deletes nothing.

    `records` are those of the journal. Raises ContentError if a tag cannot be read: what it needs is not known.
    Raises ConflictError for a place where nothing is deleted.
    """
    stores.expect(deletes=[request.place])
    store = stores.at(request.place)
    deletes(store, request.place)
    graph = await take_inventory(store, _remembered(records, request) if request.untagged else ())
    companions = graph.companions()
    made = await _made([tag for tag in graph.tags if request.rule.concerns(tag) and tag not in companions], store)
    fallen = set(request.rule.falling(made, now))
    roots = [digest for tag, digest in graph.tags.items() if tag not in fallen and tag not in companions]
    if not request.forget:
        roots += _undoable(records, request.place, fallen)
    dead, graph = await _dead(graph, roots, fallen, store, untagged=request.untagged)
    undated = tuple(sorted(tag for tag, time in made.items() if time is None))
    return Pruning(_removal(request, graph, dead, fallen), undated, len(graph.tags) - len(fallen))


async def _dead(
    graph: Graph, roots: Sequence[Digest], fallen: Iterable[Tag], store: Store, *, untagged: bool
) -> tuple[frozenset[Digest], Graph]:
    """What may go: all that is not live, or without `untagged` only what the fallen tags led to."""
    while True:
        reach = graph.live(graph.tags[tag] for tag in fallen)
        known = graph.nodes.keys() if untagged else reach & graph.nodes.keys()
        dead = frozenset(known) - graph.live(roots)
        # What refers to something dead goes with it. It may keep something else alive, so look again.
        wider = await with_referrers(graph, dead, store)
        if wider.nodes.keys() == graph.nodes.keys():
            return dead, graph
        graph = wider


def _removal(request: PruneRequest, graph: Graph, dead: frozenset[Digest], fallen: Iterable[Tag]) -> Removal:
    tags: dict[Digest, list[Tag]] = {}
    for tag, digest in sorted(graph.tags.items()):
        tags.setdefault(digest, []).append(tag)
    alone = tuple(TagDrop(tag, graph.tags[tag]) for tag in sorted(fallen) if graph.tags[tag] not in dead)
    drops = [ManifestDrop(digest, tuple(tags.get(digest, ()))) for digest in graph.outermost_first(dead)]
    return Removal(request.place, alone, tuple(drops), dummy=request.dummy, seen=graph.tags)


def _remembered(records: Iterable[Record], request: PruneRequest) -> set[Digest]:
    """What tags of this place were or became by the journal: where a registry tells no more, the only trace of it."""
    here = [record for record in records if record.reference.place == request.place]
    return {digest for record in here for digest in (record.was, record.now) if digest}


def _undoable(records: Iterable[Record], place: Place, fallen: Iterable[Tag]) -> list[Digest]:
    """What tags that stay were before."""
    gone = set(fallen)
    return [
        record.was
        for record in records
        if record.was and record.reference.place == place and record.reference.tag not in gone
    ]


async def _made(tags: Sequence[Tag], store: Store) -> dict[Tag, datetime | None]:
    return dict(zip(tags, await each(lambda tag: _created(tag, store), tags), strict=True))


async def _created(tag: Tag, store: Store) -> datetime | None:
    """When the image of a tag was made: by its annotation, or by the configuration of the first image."""
    try:
        manifest = await store.manifest(tag)
        noted = moment(_annotations(manifest).get(CREATED))
        if noted or not manifest.is_index:
            return noted or moment((await read_config(manifest, store)).created)
        images = manifest.as_index().images
        return moment((await read_config(await store.manifest(images[0].digest), store)).created) if images else None
    except (NotFoundError, ContentError):
        return None


def _annotations(manifest: Manifest) -> dict[str, str]:
    return (manifest.as_index() if manifest.is_index else manifest.as_image()).annotations or {}
