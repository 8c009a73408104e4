"""What a repository holds, read far enough to say what needs what."""

from collections.abc import Iterable

from regtool.concurrency import each
from regtool.errors import ContentError, NotFoundError
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.planning.graph import Graph, Node
from regtool.stores.protocols import Inventories, Refers, Source, Store


async def take_inventory(store: Store, also: Iterable[Digest] = ()) -> Graph:
    """Every tag, and every manifest that tags, the place's own list or `also` lead to. Reads each manifest once.

    Raises ContentError for a tag that cannot be read: what it needs would not be known.
    """
    tags = [tag async for tag in store.tags()]
    read = dict(zip(tags, await each(lambda tag: _tagged(tag, store), tags), strict=True))
    nodes = {node.digest: node for node in read.values() if node}
    graph = Graph({tag: node.digest for tag, node in read.items() if node}, nodes)
    return await _grown(graph, {*also, *await _listed(store)}, store)


async def with_referrers(graph: Graph, subjects: Iterable[Digest], store: Store) -> Graph:
    """The graph with what the registry's API lists as referrers of these manifests, and of those in turn."""
    asked: set[Digest] = set()
    waiting = set(subjects)
    while waiting and isinstance(store, Refers):
        try:
            found = await each(store.referrers, sorted(waiting))
        except NotFoundError:
            return graph  # no such API: there are the fallback tags
        asked |= waiting
        news = {descriptor.digest for referrers in found for descriptor in referrers} - asked
        graph = await _grown(graph, news, store)
        waiting = news & graph.nodes.keys()
    return graph


async def _grown(graph: Graph, more: Iterable[Digest], store: Source) -> Graph:
    """The graph with these manifests and all that it leads to. What is not there is left out."""
    nodes, missing = dict(graph.nodes), set[Digest]()
    waiting = set(more) - nodes.keys()
    while waiting := (waiting | Graph(graph.tags, nodes).unread) - nodes.keys() - missing:
        found = await each(lambda digest: _node(digest, store), sorted(waiting))
        nodes |= {node.digest: node for node in found if node}
        missing |= waiting - nodes.keys()
    return Graph(graph.tags, nodes)


async def _tagged(tag: Tag, store: Source) -> Node | None:
    try:
        return Node.of(await store.manifest(tag))
    except NotFoundError:
        return None  # deleted while we were looking


async def _node(digest: Digest, store: Source) -> Node | None:
    try:
        return Node.of(await store.manifest(digest))
    except NotFoundError:
        return None
    except ContentError:
        return Node(digest)  # of a type that regtool does not know, so with nothing below it


async def _listed(store: Store) -> list[Digest]:
    try:
        return await store.manifests() if isinstance(store, Inventories) else []
    except NotFoundError:
        return []
