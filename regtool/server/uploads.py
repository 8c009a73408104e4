"""Receiving blobs, in one piece or in chunks, and mounting them (OCI distribution-spec, "Pushing blobs")."""

import asyncio

from regtool.model.digest import Digest
from regtool.server.message import Request, Response
from regtool.server.names import digest_named
from regtool.server.problems import Problem, digest_invalid
from regtool.server.ranges import chunk
from regtool.server.repositories import Repositories, ServedRepository
from regtool.server.sessions import Upload, Uploads


class UploadRoutes:
    """What is answered below `/v2/<name>/blobs/uploads/`."""

    def __init__(self, repositories: Repositories, uploads: Uploads) -> None:
        self._repositories = repositories
        self._uploads = uploads

    async def begin(self, request: Request) -> Response:
        """Answers POST: a mount, a whole blob, or an upload to go on with."""
        repository = self._repositories.at(request.words["name"])
        if (wanted := request.parameter("mount")) is not None:
            digest = digest_named(wanted)
            if await asyncio.to_thread(self._mount, repository, digest, request.parameter("from")):
                return _stored(repository, digest)
        elif (wanted := request.parameter("digest")) is not None:
            return await self._whole(repository, digest_named(wanted), request)
        _known_algorithm(request.parameter("digest-algorithm"))
        upload = await asyncio.to_thread(self._uploads.begin, repository.name)
        return _go_on(202, repository, upload)

    async def append(self, request: Request) -> Response:
        """Answers PATCH: the next chunk."""
        repository, upload = self._find(request)
        async with upload.held():
            await _take(repository, upload, request)
            return _go_on(202, repository, upload)

    async def finish(self, request: Request) -> Response:
        """Answers PUT: the last chunk, or none, and the digest that all of it must have."""
        repository, upload = self._find(request)
        digest = digest_named(request.parameter("digest") or "")
        async with upload.held():
            await _take(repository, upload, request)
            await asyncio.to_thread(_store, repository, upload, digest)
        return _stored(repository, digest)

    async def status(self, request: Request) -> Response:
        """Answers GET: how far the upload is."""
        repository, upload = self._find(request)
        return _go_on(204, repository, upload)

    async def cancel(self, request: Request) -> Response:
        """Answers DELETE."""
        _repository, upload = self._find(request)
        async with upload.held():
            upload.drop()
        return Response(204)

    async def _whole(self, repository: ServedRepository, digest: Digest, request: Request) -> Response:
        upload = await asyncio.to_thread(self._uploads.begin, repository.name)
        try:
            await upload.append(request.chunks())
            await asyncio.to_thread(_store, repository, upload, digest)
        finally:
            upload.drop()
        return _stored(repository, digest)

    def _mount(self, repository: ServedRepository, digest: Digest, origin: str | None) -> bool:
        """Takes the blob from the repository that the client names, or from any if it names none."""
        try:
            source = self._repositories.at(origin) if origin else self._repositories.holding(digest)
        except Problem:  # no such repository can be; the client may upload instead
            return False
        return source is not None and repository.layout.take_blob(digest, source.layout)

    def _find(self, request: Request) -> tuple[ServedRepository, Upload]:
        repository = self._repositories.at(request.words["name"])
        return repository, self._uploads.find(repository.name, request.words["upload"])


async def _take(repository: ServedRepository, upload: Upload, request: Request) -> None:
    """Appends the request's body, if its `Content-Range` says that it follows what is here."""
    before, header = upload.size, request.headers.get("content-range")
    if header is None:
        await upload.append(request.chunks())
        return
    part = chunk(header)
    if part is None:
        raise Problem.of(400, "BLOB_UPLOAD_INVALID", "Content-Range is not of the form first-last", {"range": header})
    if part.first != before:
        raise _out_of_order(repository, upload, before)
    await upload.append(request.chunks())
    if upload.size != before + part.length:
        upload.truncate(before)
        raise Problem.of(400, "SIZE_INVALID", f"the chunk does not have the {part.length} bytes of its Content-Range")


def _store(repository: ServedRepository, upload: Upload, digest: Digest) -> None:
    """Makes a blob of a complete upload. With the wrong content there is nothing to go on with, so it is dropped."""
    actual = upload.digest(digest.algorithm)
    if actual != digest:
        upload.drop()
        raise digest_invalid(str(digest), f"the content has digest {actual}")
    repository.layout.ensure()
    with upload.as_part() as part:
        repository.layout.add_blob(digest, part)


def _known_algorithm(name: str | None) -> None:
    if name is not None and name not in ("sha256", "sha512"):
        raise digest_invalid(name, "not a digest algorithm that this registry has; it has sha256 and sha512")


def _location(repository: ServedRepository, upload: Upload) -> str:
    return f"/v2/{repository.name}/blobs/uploads/{upload.identifier}"


def _progress(repository: ServedRepository, upload: Upload, size: int) -> dict[str, str]:
    """Where to go on. Nothing yet is `0-0`, as in distribution: the specification has no other word for it."""
    return {
        "Location": _location(repository, upload),
        "Range": f"0-{max(size - 1, 0)}",
        "Docker-Upload-UUID": upload.identifier,
    }


def _go_on(status: int, repository: ServedRepository, upload: Upload) -> Response:
    return Response(status, _progress(repository, upload, upload.size))


def _out_of_order(repository: ServedRepository, upload: Upload, size: int) -> Problem:
    headers = _progress(repository, upload, size)
    return Problem.of(416, "BLOB_UPLOAD_INVALID", f"the next chunk begins at {size}", headers=headers)


def _stored(repository: ServedRepository, digest: Digest) -> Response:
    location = f"/v2/{repository.name}/blobs/{digest}"
    return Response(201, {"Location": location, "Docker-Content-Digest": str(digest)})
