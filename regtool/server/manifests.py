"""Manifests: reading, writing and deleting them (OCI distribution-spec, "Pulling manifests", "Pushing Manifests")."""

import asyncio

from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.errors import ContentError, NotFoundError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.server.conditions import Conditions, etag
from regtool.server.message import Request, Response
from regtool.server.problems import Problem, manifest_unknown
from regtool.server.push import Push
from regtool.server.repositories import Repositories, ServedRepository
from regtool.stores.layout_index import LayoutIndex


async def get_manifest(repositories: Repositories, request: Request) -> Response:
    """Answers GET and HEAD on `/v2/<name>/manifests/<reference>`: the bytes that were pushed, whatever is accepted."""
    repository = repositories.at(request.words["name"])
    manifest = await asyncio.to_thread(_find, repository, request.words["reference"])
    headers = {"Docker-Content-Digest": str(manifest.digest), "ETag": etag(manifest.digest)}
    if Conditions.of(request).unchanged(manifest.digest):
        return Response(304, headers)
    headers |= {"Content-Type": manifest.media_type, "Content-Length": str(len(manifest.content))}
    return Response(200, headers, b"" if request.method == "HEAD" else manifest.content)


async def put_manifest(repositories: Repositories, request: Request) -> Response:
    """Answers PUT: by tag, or by digest with any number of tags in the query."""
    push = Push.of(repositories.at(request.words["name"]), request, strict=repositories.strict)
    content = await request.content(MAX_MANIFEST)
    if content is None:
        raise Problem.of(413, "SIZE_INVALID", f"a manifest may have {MAX_MANIFEST} bytes")
    return await asyncio.to_thread(push.carry_out, content)


async def delete_manifest(repositories: Repositories, request: Request) -> Response:
    """Answers DELETE: a tag alone, or a manifest with all its tags."""
    repository = repositories.at(request.words["name"])
    selector, conditions = _selector(request.words["reference"]), Conditions.of(request)
    await asyncio.to_thread(_delete, repository, selector, conditions)
    return Response(202)


def _find(repository: ServedRepository, reference: str) -> Manifest:
    selector = _selector(reference)
    try:
        index = repository.layout.index()
        digest = index.digest_of(selector) if isinstance(selector, Tag) else selector
        if digest is not None:
            return _read(repository, index, digest)
    except NotFoundError:
        pass
    raise manifest_unknown(reference)


def _read(repository: ServedRepository, index: LayoutIndex, digest: Digest) -> Manifest:
    """A manifest that is listed, or below one that is; any other blob is none."""
    try:
        return repository.layout.manifest(digest)
    except ContentError:
        if index.lists(digest):
            raise
        raise NotFoundError(str(digest), "is no manifest") from None


def _delete(repository: ServedRepository, selector: Tag | Digest, conditions: Conditions) -> None:
    found = _find(repository, str(selector)).digest

    def change(index: LayoutIndex) -> LayoutIndex:
        current = index.digest_of(selector) if isinstance(selector, Tag) else found
        if current is None:
            raise manifest_unknown(str(selector))
        conditions.check(current)
        return index.without_tag(selector) if isinstance(selector, Tag) else index.without_manifest(selector)

    repository.layout.update(change, remove=selector if isinstance(selector, Digest) else None)


def _selector(reference: str) -> Tag | Digest:
    """A reference to read or delete. One that is neither tag nor digest can have nothing behind it."""
    try:
        return Digest.parse(reference) if ":" in reference else Tag(reference)
    except UsageError:
        raise manifest_unknown(reference) from None
