"""Taking in a manifest (OCI distribution-spec, "Pushing Manifests")."""

from collections.abc import Callable
from typing import TypeVar

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ContentError
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.server.conditions import Conditions, etag
from regtool.server.message import Request, Response
from regtool.server.names import digest_named, tag_named
from regtool.server.problems import Fault, Problem, digest_invalid, manifest_invalid
from regtool.server.repositories import ServedRepository
from regtool.stores.layout_index import LayoutIndex
from regtool.stores.needs import needs, subject_of
from regtool.values import dataclass

Given = TypeVar("Given")
Seen = TypeVar("Seen")

MAX_TAGS = 64  # that one request may set


@dataclass(frozen=True, slots=True)
class Push:
    """What one PUT wants."""

    repository: ServedRepository
    digest: Digest | None
    tags: tuple[Tag, ...]
    content_type: str
    conditions: Conditions
    strict: bool

    @classmethod
    def of(cls, repository: ServedRepository, request: Request, *, strict: bool) -> "Push":
        """Reads the request but for its body. Raises Problem."""
        reference, more = request.words["reference"], request.parameters("tag")
        digest = digest_named(reference) if ":" in reference else None
        if len(more) > MAX_TAGS:
            raise Problem.of(414, "UNSUPPORTED", f"one request may set {MAX_TAGS} tags")
        tags = {tag_named(name): None for name in (more if digest else [reference])}  # each once, in this order
        content_type = request.headers.get("content-type", "")
        return cls(repository, digest, tuple(tags), content_type, Conditions.of(request), strict)

    def carry_out(self, content: bytes) -> Response:
        """Checks, stores and tags, as one step that no other writer sees half of. Raises Problem."""
        manifest = self._received(content)
        parts, subject = _seen(needs, manifest), _seen(subject_of, manifest)

        def change(index: LayoutIndex) -> LayoutIndex:
            for current in self._replaced(index):
                self.conditions.check(current)
            if self.strict:
                _require(self.repository, parts)
            self.repository.layout.add_bytes(manifest.digest, manifest.content)
            return index.with_manifest(manifest.descriptor).with_tags(manifest.descriptor, self.tags)

        self.repository.layout.update(change)
        return self._done(manifest.digest, subject)

    def _received(self, content: bytes) -> Manifest:
        """The pushed manifest, if it is what the request says that it is."""
        actual = Digest.of(content, self.digest.algorithm if self.digest else "sha256")
        if self.digest and actual != self.digest:
            raise digest_invalid(str(self.digest), f"the content has digest {actual}")
        return _seen(lambda bare: Manifest.received(bare, self.content_type, "the manifest", actual), content)

    def _replaced(self, index: LayoutIndex) -> list[Digest | None]:
        """What the conditions are about: where each tag points now; without tags, the manifest itself."""
        if self.tags or not self.digest:
            return [index.digest_of(tag) for tag in self.tags]
        return [self.digest if index.lists(self.digest) else None]

    def _done(self, digest: Digest, subject: Descriptor | None) -> Response:
        """The answer. It confirms each tag, and the subject, as clients must not take either for granted."""
        location = f"/v2/{self.repository.name}/manifests/{digest}"
        headers = {"Location": location, "Docker-Content-Digest": str(digest), "ETag": etag(digest)}
        if self.tags and self.digest:
            headers["OCI-Tag"] = ", ".join(tag.name for tag in self.tags)
        if subject:
            headers["OCI-Subject"] = str(subject.digest)
        return Response(201, headers)


def _seen(view: Callable[[Given], Seen], given: Given) -> Seen:
    """What `view` sees in the content; content that it cannot read is refused."""
    try:
        return view(given)
    except ContentError as error:
        raise manifest_invalid(str(error)) from None


def _require(repository: ServedRepository, parts: list[Descriptor]) -> None:
    """Raises Problem unless all that a manifest names is here, in the size that it says."""
    faults = []
    for part in parts:
        size = repository.layout.size_of(part.digest)
        detail = {"digest": str(part.digest)}
        if size is None:
            faults.append(Fault("MANIFEST_BLOB_UNKNOWN", f"{part.digest} is not in this repository", detail))
        elif size != part.size:
            faults.append(Fault("MANIFEST_INVALID", f"{part.digest} has {size} bytes, not {part.size}", detail))
    if faults:
        raise Problem(400, faults)
