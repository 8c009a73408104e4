"""Reading and deleting blobs (OCI distribution-spec, "Pulling blobs", "Deleting Blobs")."""

import asyncio
from collections.abc import AsyncGenerator
from typing import BinaryIO

from regtool.documents.descriptor import Descriptor
from regtool.errors import NotFoundError, UsageError
from regtool.model.digest import Digest
from regtool.server.conditions import Conditions, etag
from regtool.server.message import Request, Response
from regtool.server.problems import Problem, blob_unknown, unsupported
from regtool.server.ranges import Range, UnsatisfiableError, asked
from regtool.server.repositories import Repositories, ServedRepository
from regtool.stores.verified import Verifier

OCTETS = "application/octet-stream"
_CHUNK = 1024 * 1024  # bytes that are read at once


async def get_blob(repositories: Repositories, request: Request) -> Response:
    """Answers GET and HEAD on `/v2/<name>/blobs/<digest>`, whole or one range."""
    repository, digest = repositories.at(request.words["name"]), _digest(request)
    size = await asyncio.to_thread(repository.layout.size_of, digest)
    if size is None:
        raise blob_unknown(str(digest))
    headers = {"Docker-Content-Digest": str(digest), "ETag": etag(digest), "Accept-Ranges": "bytes"}
    if Conditions.of(request).unchanged(digest):
        return Response(304, headers)
    part = _part(request, digest, size)
    headers |= {"Content-Type": OCTETS, "Content-Length": str(part.length if part else size)}
    if part:
        headers["Content-Range"] = f"bytes {part}/{size}"
    if request.method == "HEAD":
        return Response(206 if part else 200, headers)
    file = await asyncio.to_thread(_open, repository, digest)
    return Response(206 if part else 200, headers, _some(file, part) if part else _all(file, digest, size))


async def delete_blob(repositories: Repositories, request: Request) -> Response:
    """Answers DELETE on `/v2/<name>/blobs/<digest>`. What names the blob is the business of whoever deletes it."""
    repository, digest = repositories.at(request.words["name"]), _digest(request)
    await asyncio.to_thread(_delete, repository, digest)
    return Response(202, {"Docker-Content-Digest": str(digest)})


def _delete(repository: ServedRepository, digest: Digest) -> None:
    if repository.layout.size_of(digest) is None:
        raise blob_unknown(str(digest))
    with repository.layout.changing():
        if repository.layout.index().lists(digest):
            raise unsupported(405, "this is a manifest: delete it below manifests/")
        repository.layout.remove_blob(digest)


def _digest(request: Request) -> Digest:
    """The digest in the path. Nothing is stored under a name that is no digest, so that is unknown, too."""
    try:
        return Digest.parse(request.words["digest"])
    except UsageError:
        raise blob_unknown(request.words["digest"]) from None


def _part(request: Request, digest: Digest, size: int) -> Range | None:
    if request.headers.get("if-range", etag(digest)) != etag(digest):
        return None
    try:
        return asked(request.headers.get("range", ""), size)
    except UnsatisfiableError:
        headers = {"Content-Range": f"bytes */{size}"}
        raise Problem.of(416, "SIZE_INVALID", f"the blob has {size} bytes", headers=headers) from None


def _open(repository: ServedRepository, digest: Digest) -> BinaryIO:
    try:
        return repository.layout.open_blob(digest)
    except NotFoundError:  # deleted a moment ago
        raise blob_unknown(str(digest)) from None


async def _all(file: BinaryIO, digest: Digest, size: int) -> AsyncGenerator[bytes, None]:
    """The blob, hashed as it goes out. Of spoilt content the last chunk never comes."""
    check = Verifier(Descriptor.of(OCTETS, digest, size), str(digest))
    with file:
        held = b""
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            check.update(chunk)
            if held:
                yield held
            held = chunk
        check.complete()
        yield held


async def _some(file: BinaryIO, part: Range) -> AsyncGenerator[bytes, None]:
    with file:
        await asyncio.to_thread(file.seek, part.first)
        left = part.length
        while left and (chunk := await asyncio.to_thread(file.read, min(left, _CHUNK))):
            left -= len(chunk)
            yield chunk
