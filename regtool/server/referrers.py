"""The manifests that are about another one (OCI distribution-spec, "Listing Referrers")."""

import asyncio
import json
from urllib.parse import urlencode

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import Index
from regtool.documents.manifest import MAX_MANIFEST
from regtool.errors import NotFoundError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.server.message import Request, Response
from regtool.server.names import digest_named
from regtool.server.repositories import Repositories, ServedRepository

_MAX_PAGE = MAX_MANIFEST // 2  # bytes of entries in one answer, well below what clients read


async def list_referrers(repositories: Repositories, request: Request) -> Response:
    """Answers `GET /v2/<name>/referrers/<digest>`, filtered by `artifactType` if asked. No referrers is no error."""
    repository, subject = repositories.at(request.words["name"]), digest_named(request.words["digest"])
    found = await asyncio.to_thread(_found, repository, subject)
    headers = {"Content-Type": types.OCI_INDEX}
    # Some clients send a plain `+`, which means a space in a query, and no media type has spaces.
    kind, last = (request.parameter("artifactType") or "").replace(" ", "+"), request.parameter("last") or ""
    if kind:
        headers["OCI-Filters-Applied"] = "artifactType"
        found = [entry for entry in found if entry.artifact_type == kind]
    rest = [entry for entry in found if str(entry.digest) > last]
    shown = _page(rest)
    if len(shown) < len(rest):
        query = urlencode({"last": str(shown[-1].digest)} | ({"artifactType": kind} if kind else {}))
        headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return Response(200, headers, Index.of(types.OCI_INDEX, shown).to_bytes())


def _found(repository: ServedRepository, subject: Digest) -> list[Descriptor]:
    try:
        return sorted(repository.referrers.of(subject), key=lambda entry: str(entry.digest))
    except NotFoundError:  # a repository without anything in it has no referrers either
        return []


def _page(entries: list[Descriptor]) -> list[Descriptor]:
    """As many entries as fit, at least one."""
    taken, size = 0, 0
    for entry in entries:
        size += len(json.dumps(entry.as_json()))
        if taken and size > _MAX_PAGE:
            break
        taken += 1
    return entries[:taken]
