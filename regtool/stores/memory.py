"""Content that lives as long as the process: for tests, and for trying things out."""

from collections.abc import AsyncIterator, Sequence

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, ContentError, NotFoundError
from regtool.model.digest import Digest
from regtool.model.reference import Selector, Tag
from regtool.stores.needs import needs, referrer, subject_of
from regtool.stores.protocols import Content
from regtool.stores.verified import verified


class MemoryStore:
    """One repository in memory. It is as strict as a good registry."""

    def __init__(self, name: str = "memory") -> None:
        self._name = name
        self._blobs: dict[Digest, bytes] = {}
        self._manifests: dict[Digest, Manifest] = {}
        self._tags: dict[Tag, Digest] = {}

    def __str__(self) -> str:
        return self._name

    # -- reading

    async def resolve(self, selector: Selector) -> Descriptor:
        """Type, digest and size of a manifest."""
        return (await self.manifest(selector)).descriptor

    async def manifest(self, selector: Selector) -> Manifest:
        """A manifest with its bytes."""
        digest = self._tags.get(selector) if isinstance(selector, Tag) else selector
        if not isinstance(digest, Digest) or digest not in self._manifests:
            raise NotFoundError(f"{self}{'@' if isinstance(selector, Digest) else ':'}{selector}", "no such manifest")
        return self._manifests[digest]

    async def blob(self, descriptor: Descriptor) -> AsyncIterator[bytes]:
        """A blob, in one piece."""
        what = f"{self}@{descriptor.digest}"
        if descriptor.digest not in self._blobs:
            raise NotFoundError(what, "no such blob")
        content = self._blobs[descriptor.digest]
        if len(content) != descriptor.size:
            raise ContentError(what, f"is {len(content)} bytes, not the {descriptor.size} of its descriptor")
        yield content

    async def has_blob(self, descriptor: Descriptor) -> bool:
        """Whether the blob is here."""
        return descriptor.digest in self._blobs

    async def size_of(self, digest: Digest) -> int | None:
        """The size of a blob."""
        return len(self._blobs[digest]) if digest in self._blobs else None

    async def has_manifest(self, digest: Digest) -> bool:
        """Whether the manifest is here."""
        return digest in self._manifests

    async def tags(self) -> AsyncIterator[Tag]:
        """Every tag, in order. Raises NotFoundError if nothing was ever put here, as a registry does."""
        if not self._blobs and not self._manifests:
            raise NotFoundError(str(self), "nothing is there")
        for tag in sorted(self._tags):
            yield tag

    async def manifests(self) -> list[Digest]:
        """Every manifest."""
        return list(self._manifests)

    async def referrers(self, subject: Digest) -> list[Descriptor]:
        """The manifests whose subject this is, in the order in which they came."""
        about = [(manifest, subject_of(manifest)) for manifest in self._manifests.values()]
        return [referrer(manifest) for manifest, named in about if named and named.digest == subject]

    # -- writing

    async def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Stores a blob. Raises ContentError for content that is not what `descriptor` says."""
        right = verified(content, descriptor, f"{self}@{descriptor.digest}")
        self._blobs[descriptor.digest] = b"".join([chunk async for chunk in right()])

    async def put_manifest(self, manifest: Manifest) -> None:
        """Stores a manifest. Raises ConflictError if something that it names is not here."""
        for part in needs(manifest):
            if part.digest not in self._manifests and part.digest not in self._blobs:
                raise ConflictError(f"{self}@{manifest.digest}", f"names {part.digest}, which is not here")
        self._manifests[manifest.digest] = manifest

    async def tag(self, manifest: Manifest, tag: Tag) -> None:
        """Stores a manifest and points `tag` at it."""
        await self.tag_together(manifest, [tag])

    async def tag_together(self, manifest: Manifest, tags: Sequence[Tag]) -> frozenset[Tag]:
        """Stores a manifest and points all of `tags` at it."""
        await self.put_manifest(manifest)
        self._tags.update({tag: manifest.digest for tag in tags})
        return frozenset(tags)

    async def delete_tag(self, tag: Tag) -> None:
        """Removes a tag."""
        if self._tags.pop(tag, None) is None:
            raise NotFoundError(f"{self}:{tag}", "no such tag")

    async def delete_manifest(self, digest: Digest) -> None:
        """Removes a manifest and its tags."""
        if self._manifests.pop(digest, None) is None:
            raise NotFoundError(f"{self}@{digest}", "no such manifest")
        self._tags = {tag: target for tag, target in self._tags.items() if target != digest}
