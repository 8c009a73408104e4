"""The tags of a repository, and the repositories of the registry."""

import asyncio

from regtool.errors import NotFoundError
from regtool.server.message import Request, Response
from regtool.server.pages import page
from regtool.server.problems import name_unknown
from regtool.server.repositories import Repositories


async def list_tags(repositories: Repositories, request: Request) -> Response:
    """Answers `GET /v2/<name>/tags/list`, in the order of the bytes."""
    repository = repositories.at(request.words["name"])
    try:
        index = await asyncio.to_thread(repository.layout.index)
    except NotFoundError:
        raise name_unknown(repository.name) from None
    return page(sorted(index.tags), request, {"name": repository.name}, "tags")


async def list_repositories(repositories: Repositories, request: Request) -> Response:
    """Answers `GET /v2/_catalog`. It is no part of the OCI specification, but many tools ask for it."""
    return page(await asyncio.to_thread(repositories.names), request, {}, "repositories")
