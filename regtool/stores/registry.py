"""A repository in a registry, as a store (OCI distribution-spec 1.1, "Push", "Content Management")."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, ContentError, RegtoolError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Place, Repository, Tag
from regtool.stores.fallback_tag import FallbackTags
from regtool.stores.protocols import Content
from regtool.stores.registry_source import DIGEST_HEADER, RegistrySource, claimed, expect
from regtool.stores.verified import verified
from regtool.transport.client import Client
from regtool.transport.message import Body, Response
from regtool.transport.origin import joined
from regtool.transport.problem import error_for
from regtool.transport.scope import Scope

_LAST_WORD = 0.7  # seconds for each step of taking back an upload: who was interrupted has to leave within two


class RegistryStore(RegistrySource):
    """One repository of one registry, to read and to write. Each write is one request where the protocol allows it."""

    def __init__(self, repository: Repository, client: Client, scopes: tuple[Scope, ...]) -> None:
        super().__init__(repository, client, scopes)
        self._fallback = FallbackTags(self, self, client.clock)

    async def mount(self, descriptor: Descriptor, origin: Place) -> bool:
        """Mounts a blob from another repository of this registry; an upload that is offered instead is cancelled."""
        if not isinstance(origin, Repository) or origin.host != self._repository.host:
            return False
        target = f"blobs/uploads/?mount={descriptor.digest}&from={origin.path}"
        response = await self._ask("POST", target, f"{self._repository}@{descriptor.digest}")
        location = response.headers.get("location")
        if response.status == 202 and location:
            await self._cancel(joined(response.url, location))
        # Declined in any other way (401, 403, 404, 405) means the same: the blob has to be uploaded.
        return response.status == 201

    async def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Uploads a blob in one piece: POST for a place, which also brings the token, then PUT.

        An upload that does not come to its end, for whatever reason, is taken back: registries keep what they have.
        """
        what = f"{self._repository}@{descriptor.digest}"
        place = await self._opened(what)
        try:
            await self._fill(place, descriptor, verified(content, descriptor, what), what)
        except BaseException:
            await self._cancel(place)
            raise

    async def put_manifest(self, manifest: Manifest) -> None:
        """PUTs a manifest by its digest."""
        await self._put(manifest, str(manifest.digest), str(self._repository.at(manifest.digest)))

    async def tag(self, manifest: Manifest, tag: Tag) -> None:
        """PUTs a manifest by a tag."""
        await self._put_tag(manifest, tag)

    async def tag_if(self, manifest: Manifest, tag: Tag, was: Digest | None) -> None:
        """PUTs a manifest by a tag under the condition that the tag is `was` (RFC 9110, 13.1).

        Registries use the digest as entity tag. One that knows no conditions writes; one that does may answer 412.
        """
        condition = {"If-Match": f'"{was}"'} if was else {"If-None-Match": "*"}
        await self._put_tag(manifest, tag, condition)

    async def tag_together(self, manifest: Manifest, tags: Sequence[Tag]) -> frozenset[Tag]:
        """PUTs a manifest by digest and asks for all tags at once; a registry that can names them in `OCI-Tag`."""
        query = "&".join(f"tag={tag}" for tag in tags)
        what = str(self._repository.at(manifest.digest))
        try:
            response = await self._put(manifest, f"{manifest.digest}?{query}", what)
        except (UsageError, ConflictError):  # such an address means nothing to it, or is too long (414, 431)
            return frozenset()
        return frozenset(tag for tag in tags if tag.name in _confirmed(response))

    async def delete_tag(self, tag: Tag) -> None:
        """DELETEs a tag alone. Many registries cannot: they answer with what they have for nonsense."""
        what = str(self._repository.at(tag))
        response = await self._ask("DELETE", f"manifests/{tag}", what)
        if response.status in (400, 405, 501):
            raise ConflictError(what, f"this registry does not delete a tag alone: it answers {response.status}")
        expect(response, what, 202, 200, 204)

    async def delete_manifest(self, digest: Digest) -> None:
        """DELETEs a manifest, and so every tag of it."""
        what = str(self._repository.at(digest))
        expect(await self._ask("DELETE", f"manifests/{digest}", what), what, 202, 200, 204)

    async def _put_tag(self, manifest: Manifest, tag: Tag, condition: Mapping[str, str] | None = None) -> None:
        """PUTs by a tag. What a registry gets so, it names by SHA-256; for another algorithm the digest goes along."""
        what, algorithm = str(self._repository.at(tag)), manifest.digest.algorithm
        if algorithm == "sha256":
            await self._put(manifest, str(tag), what, condition)
        elif tag.name not in _confirmed(await self._put(manifest, f"{manifest.digest}?tag={tag}", what, condition)):
            why = f"this registry puts no tag on {algorithm} digests, only on those of SHA-256"
            raise ConflictError(what, why, f"it is there as {self._repository.at(manifest.digest)}")

    async def _opened(self, what: str) -> str:
        """Opens an upload, and says where it is. Whoever is interrupted meanwhile takes it back if it was opened."""
        opening = asyncio.ensure_future(self._open(what))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            with contextlib.suppress(RegtoolError, TimeoutError):
                async with asyncio.timeout(_LAST_WORD):
                    place = await opening
                await self._cancel(place)
            raise

    async def _open(self, what: str) -> str:
        response = await self._ask("POST", "blobs/uploads/", what)
        expect(response, what, 202)
        location = response.headers.get("location")
        if not location:
            raise ContentError(what, "the registry opened an upload without saying where")
        return joined(response.url, location)

    async def _fill(self, place: str, descriptor: Descriptor, content: Content, what: str) -> None:
        """PUTs the whole content of a blob to an upload that is open."""
        # Appended, not merged: the query that the registry put there must stay as it is, byte for byte.
        target = f"{place}{'&' if '?' in place else '?'}digest={descriptor.digest}"
        body = Body(size=descriptor.size, open=content)
        response = await self._send("PUT", target, what, {"Content-Type": "application/octet-stream"}, body)
        if response.status not in (201, 204) and not await self.has_blob(descriptor):
            raise error_for(response, what)

    async def _cancel(self, place: str) -> None:
        """DELETEs an upload. Whether that works decides nothing, so it gets no more than a moment."""
        with contextlib.suppress(RegtoolError, TimeoutError):
            async with asyncio.timeout(_LAST_WORD):
                await self._send("DELETE", place, f"upload to {self._repository}")

    async def _put(
        self, manifest: Manifest, target: str, what: str, condition: Mapping[str, str] | None = None
    ) -> Response:
        headers = {"Content-Type": manifest.media_type, **(condition or {})}
        response = await self._ask("PUT", f"manifests/{target}", what, headers=headers, body=manifest.content)
        if response.status == 413:
            raise error_for(response, what, hint=f"{len(manifest.content)} bytes were sent")
        expect(response, what, 201, 200, 202, 204)
        claim = response.headers.get(DIGEST_HEADER)
        if claim and claimed(claim, what) != manifest.digest:
            raise ContentError(what, f"the registry stored it as {claim}, not {manifest.digest}")
        if manifest.document.get("subject") and not response.headers.get("oci-subject"):
            await self._fallback.add(manifest)  # the registry has not understood what it is about
        return response


def _confirmed(response: Response) -> set[str]:
    """The tags that a registry says it has set."""
    return {name.strip() for name in response.headers.get("oci-tag", "").split(",")}
