"""Manifests: reading, writing and deleting them (OCI distribution-spec, "Pulling manifests", "Pushing Manifests")."""

import asyncio
from dataclasses import dataclass

from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.errors import ContentError, NotFoundError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.server.conditions import Conditions, etag
from regtool.server.message import Request, Response
from regtool.server.problems import Fault, Problem, digest_invalid, manifest_invalid, manifest_unknown
from regtool.server.repositories import Repositories, ServedRepository
from regtool.stores.layout_index import LayoutIndex
from regtool.stores.needs import needs, subject_of

MAX_TAGS = 64  # that one PUT may set


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
    push = _Push.of(repositories.at(request.words["name"]), request)
    content = await request.content(MAX_MANIFEST)
    if content is None:
        raise Problem.of(413, "SIZE_INVALID", f"a manifest may have {MAX_MANIFEST} bytes")
    manifest = _received(content, request, push.digest)
    await asyncio.to_thread(push.carry_out, manifest, repositories.strict)
    return push.done(manifest)


async def delete_manifest(repositories: Repositories, request: Request) -> Response:
    """Answers DELETE: a tag alone, or a manifest with all its tags."""
    repository = repositories.at(request.words["name"])
    reference, conditions = request.words["reference"], Conditions.of(request)
    await asyncio.to_thread(_delete, repository, _selector(reference), conditions)
    return Response(202)


@dataclass(frozen=True, slots=True)
class _Push:
    """What one PUT wants."""

    repository: ServedRepository
    digest: Digest | None
    tags: tuple[Tag, ...]
    conditions: Conditions

    @classmethod
    def of(cls, repository: ServedRepository, request: Request) -> "_Push":
        reference, more = request.words["reference"], request.parameters("tag")
        digest = _pushed_digest(reference)
        if len(more) > MAX_TAGS:
            raise Problem.of(414, "UNSUPPORTED", f"one request may set {MAX_TAGS} tags")
        names = more if digest else [reference]
        return cls(repository, digest, tuple({_pushed_tag(name): None for name in names}), Conditions.of(request))

    def carry_out(self, manifest: Manifest, strict: bool) -> None:
        """Checks, stores and tags, as one step that no other writer sees half of."""

        def change(index: LayoutIndex) -> LayoutIndex:
            for current in self._replaced(index):
                self.conditions.check(current)
            if strict:
                _require(self.repository, manifest)
            self.repository.layout.add_bytes(manifest.digest, manifest.content)
            return index.with_manifest(manifest.descriptor).with_tags(manifest.descriptor, self.tags)

        self.repository.layout.update(change)

    def _replaced(self, index: LayoutIndex) -> list[Digest | None]:
        """What the conditions are about: where each tag points now; without tags, the manifest itself."""
        if self.tags or not self.digest:
            return [index.digest_of(tag) for tag in self.tags]
        return [self.digest if index.lists(self.digest) else None]

    def done(self, manifest: Manifest) -> Response:
        """The answer. It confirms each tag, and the subject, as clients must not take either for granted."""
        headers = {
            "Location": f"/v2/{self.repository.name}/manifests/{manifest.digest}",
            "Docker-Content-Digest": str(manifest.digest),
            "ETag": etag(manifest.digest),
        }
        if self.tags and self.digest:
            headers["OCI-Tag"] = ", ".join(tag.name for tag in self.tags)
        if subject := subject_of(manifest):
            headers["OCI-Subject"] = str(subject.digest)
        return Response(201, headers)


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


def _received(content: bytes, request: Request, expected: Digest | None) -> Manifest:
    """The pushed manifest, if it is what the request says that it is."""
    if expected and Digest.of(content, expected.algorithm) != expected:
        raise digest_invalid(str(expected), f"the content has digest {Digest.of(content, expected.algorithm)}")
    try:
        manifest = Manifest.received(content, request.headers.get("content-type", ""), "the manifest", expected)
        needs(manifest)
        return manifest
    except ContentError as error:
        raise manifest_invalid(str(error)) from None


def _require(repository: ServedRepository, manifest: Manifest) -> None:
    """Raises Problem unless all that the manifest names is here, in the size that it says."""
    faults = []
    for part in needs(manifest):
        size = repository.layout.size_of(part.digest)
        detail = {"digest": str(part.digest)}
        if size is None:
            faults.append(Fault("MANIFEST_BLOB_UNKNOWN", f"{part.digest} is not in this repository", detail))
        elif size != part.size:
            faults.append(Fault("MANIFEST_INVALID", f"{part.digest} has {size} bytes, not {part.size}", detail))
    if faults:
        raise Problem(400, faults)


def _selector(reference: str) -> Tag | Digest:
    """A reference to read or delete. One that is neither tag nor digest can have nothing behind it."""
    try:
        return Digest.parse(reference) if ":" in reference else Tag(reference)
    except UsageError:
        raise manifest_unknown(reference) from None


def _pushed_digest(reference: str) -> Digest | None:
    if ":" not in reference:
        return None
    try:
        return Digest.parse(reference)
    except UsageError as error:
        raise digest_invalid(reference, f"not a digest that this registry takes: {error.hint}") from None


def _pushed_tag(name: str) -> Tag:
    try:
        return Tag(name)
    except UsageError as error:
        raise manifest_invalid(f"{error.why}: {error.hint}") from None
