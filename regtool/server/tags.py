"""The tags of a repository, and the repositories of the registry."""

import asyncio
from typing import Any

from regtool.errors import NotFoundError
from regtool.server.message import Request, Response
from regtool.server.pages import page
from regtool.server.problems import name_unknown
from regtool.server.repositories import Repositories
from regtool.stores.layout_index import LayoutIndex


async def list_tags(repositories: Repositories, request: Request) -> Response:
    """Answers `GET /v2/<name>/tags/list`, in the order of the bytes.

    A request for no page in particular also gets every manifest, tagged or not, in the form of Google's registries:
    it is how `regtool prune` finds what no tag leads to.
    """
    repository = repositories.at(request.words["name"])
    try:
        index = await asyncio.to_thread(repository.layout.index)
    except NotFoundError:
        raise name_unknown(repository.name) from None
    wrap: dict[str, Any] = {"name": repository.name}
    if request.parameter("n") is None:
        wrap["manifest"] = {digest: {"tag": tags} for digest, tags in _tags_by_digest(index).items()}
    return page(sorted(index.tags), request, wrap, "tags")


def _tags_by_digest(index: LayoutIndex) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {digest: [] for digest in sorted(index.digests)}
    for tag, entry in sorted(index.tags.items()):
        found[entry["digest"]].append(tag)
    return found


async def list_repositories(repositories: Repositories, request: Request) -> Response:
    """Answers `GET /v2/_catalog`. It is no part of the OCI specification, but many tools ask for it."""
    return page(await asyncio.to_thread(repositories.names), request, {}, "repositories")
