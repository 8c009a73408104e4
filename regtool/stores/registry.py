"""A repository in a registry, as a store (OCI distribution-spec 1.1).

Each method is one request where the protocol allows it. Nothing is asked in advance: no `/v2/` ping, no HEAD before a
GET. What a registry answers is verified here: digests over the received bytes, sizes, media types.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from urllib.parse import urljoin

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import Index
from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.documents.strict_json import load_object
from regtool.errors import ConflictError, ContentError, NotFoundError, RegtoolError, UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Place, Repository, Selector, Tag
from regtool.stores.download import download
from regtool.stores.fallback_tag import FallbackTags
from regtool.stores.pages import Pages, TagPages
from regtool.stores.protocols import Content
from regtool.stores.verified import verified
from regtool.transport.client import Client
from regtool.transport.message import Body, Request, Response
from regtool.transport.problem import error_for
from regtool.transport.scope import Scope
from regtool.transport.stream import Stream

_ACCEPT = {"Accept": ", ".join(types.ACCEPTED)}
_MAX_INVENTORY = 64 * 1024 * 1024  # bytes; Google's registries send it in one piece
_NO_API = frozenset({400, 404, 405, 501})  # how registries say that they list no referrers
_DIGEST_HEADER = "docker-content-digest"


class RegistryStore:
    """One repository of one registry. `scopes` is what the work at hand needs to be allowed, in one token."""

    def __init__(self, repository: Repository, client: Client, scopes: tuple[Scope, ...]) -> None:
        self._repository = repository
        self._client = client
        self._scopes = scopes
        self._fallback = FallbackTags(self, self)

    # -- reading

    async def resolve(self, selector: Selector) -> Descriptor:
        """Type, digest and size by HEAD; by GET where the registry leaves one of the three out of its answer."""
        what = str(self._repository.at(selector))
        response = await self._ask("HEAD", f"manifests/{selector}", what, headers=_ACCEPT)
        digest, length = response.headers.get(_DIGEST_HEADER), response.headers.get("content-length", "")
        media_type = types.bare(response.headers.get("content-type", ""))
        complete = response.status == 200 and digest and length.isdecimal()
        if not complete or media_type not in types.INDEXES | types.IMAGES:
            # Also for errors: only a GET brings the registry's own words.
            return (await self.manifest(selector)).descriptor
        found = Descriptor.of(media_type, _claimed(digest or "", what), int(length))
        if isinstance(selector, Digest) and found.digest != selector:
            raise ContentError(what, f"the registry answers with {found.digest}")
        return found

    async def look(self, selector: Selector) -> Digest | None:
        """The digest by HEAD, None for a 404; by GET where the registry does not say it."""
        what = str(self._repository.at(selector))
        response = await self._ask("HEAD", f"manifests/{selector}", what, headers=_ACCEPT)
        if response.status == 404:
            return None
        digest = response.headers.get(_DIGEST_HEADER)
        if response.status == 200 and digest:
            return _claimed(digest, what)
        return (await self.manifest(selector)).digest

    async def manifest(self, selector: Selector) -> Manifest:
        """A manifest by GET, its digest computed over the bytes that came and compared with every claim."""
        what = str(self._repository.at(selector))
        response = await self._ask("GET", f"manifests/{selector}", what, headers=_ACCEPT, limit=MAX_MANIFEST)
        _expect(response, what, 200, absent=f"`regtool ls {self._repository}` lists what is there")
        pinned = selector if isinstance(selector, Digest) else None
        claim = response.headers.get(_DIGEST_HEADER)
        claimed = _claimed(claim, what) if claim else None
        manifest = Manifest.received(
            response.content, response.headers.get("content-type", ""), what, pinned or claimed
        )
        if pinned and claimed:
            claimed.verify(response.content, what)
        return manifest

    def blob(self, descriptor: Descriptor) -> AsyncIterator[bytes]:
        """A blob by GET, hashed as it passes; foreign `urls` are never followed."""
        what = f"{self._repository}@{descriptor.digest}"

        def open_from(start: int) -> AbstractAsyncContextManager[Stream]:
            headers = {"Range": f"bytes={start}-"} if start else {}
            return self._client.stream(self._request("GET", f"blobs/{descriptor.digest}", what, headers))

        return download(open_from, descriptor, what)

    async def has_blob(self, descriptor: Descriptor) -> bool:
        """Whether the blob is in this repository, by HEAD."""
        what = f"{self._repository}@{descriptor.digest}"
        return await self._exists(f"blobs/{descriptor.digest}", what)

    async def size_of(self, digest: Digest) -> int | None:
        """The size of a blob, by HEAD. Raises ContentError if the registry does not tell it."""
        what = f"{self._repository}@{digest}"
        response = await self._ask("HEAD", f"blobs/{digest}", what)
        if response.status == 404:
            return None
        _expect(response, what, 200)
        length = response.headers.get("content-length", "")
        if not length.isdecimal():
            raise ContentError(what, "the registry does not say how large it is")
        return int(length)

    async def has_manifest(self, digest: Digest) -> bool:
        """Whether the manifest is in this repository, by HEAD."""
        return await self._exists(f"manifests/{digest}", str(self._repository.at(digest)))

    async def tags(self) -> AsyncIterator[Tag]:
        """Every tag, following the registry's `Link` from page to page."""
        pages = TagPages(self._repository)
        while pages.next:
            response = await self._client.send(
                Request(method="GET", host=self._repository.host, target=pages.next, what=str(self._repository),
                        scopes=self._scopes, limit=MAX_MANIFEST)
            )  # fmt: skip
            _expect(response, str(self._repository), 200)
            for tag in pages.read(response):
                yield tag

    async def manifests(self) -> list[Digest]:
        """Every manifest, as Google's registries and `regtool serve` add it to a tag list; others do not tell."""
        what = f"manifests of {self._repository}"
        response = await self._ask("GET", "tags/list", what, limit=_MAX_INVENTORY)
        _expect(response, what, 200)
        listed = load_object(response.content, what).get("manifest")
        if not isinstance(listed, dict):
            raise NotFoundError(what, "the registry lists only what is tagged")
        return [_claimed(digest, what) for digest in listed]

    async def referrers(self, subject: Digest) -> list[Descriptor]:
        """The referrers that the registry's API lists; NotFoundError where it has no such API."""
        what = f"referrers of {self._repository.at(subject)}"
        path = f"/v2/{self._repository.path}/referrers/{subject}"
        pages, found = Pages(what, path, f"/referrers/{subject}"), list[Descriptor]()
        while pages.next:
            response = await self._send("GET", pages.next, what, {"Accept": types.OCI_INDEX})
            media_type = types.bare(response.headers.get("content-type", ""))
            if response.status in _NO_API or (response.status == 200 and media_type != types.OCI_INDEX):
                raise NotFoundError(what, "the registry has no referrers API")
            _expect(response, what, 200)
            found += Index.view(load_object(response.content, what), what).manifests
            pages.turn(response)
        return found

    # -- writing

    async def mount(self, descriptor: Descriptor, origin: Place) -> bool:
        """Mounts a blob from another repository of this registry; an upload that is offered instead is cancelled."""
        if not isinstance(origin, Repository) or origin.host != self._repository.host:
            return False
        target = f"blobs/uploads/?mount={descriptor.digest}&from={origin.path}"
        response = await self._ask("POST", target, f"{self._repository}@{descriptor.digest}")
        location = response.headers.get("location")
        if response.status == 202 and location:
            await self._send("DELETE", urljoin(response.url, location), f"upload to {self._repository}")
        # Declined in any other way (401, 403, 404, 405) means the same: the blob has to be uploaded.
        return response.status == 201

    async def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Uploads a blob in one piece: POST for a place, which also brings the token, then PUT."""
        what = f"{self._repository}@{descriptor.digest}"
        opened = await self._ask("POST", "blobs/uploads/", what)
        _expect(opened, what, 202)
        location = opened.headers.get("location")
        if not location:
            raise ContentError(what, "the registry opened an upload without saying where")
        # Appended, not merged: the query that the registry put there must stay as it is, byte for byte.
        place = urljoin(opened.url, location)
        place += f"{'&' if '?' in place else '?'}digest={descriptor.digest}"
        body = Body(size=descriptor.size, open=verified(content, descriptor, what))
        response = await self._send("PUT", place, what, {"Content-Type": "application/octet-stream"}, body)
        if response.status not in (201, 204) and not await self.has_blob(descriptor):
            raise error_for(response, what)

    async def put_manifest(self, manifest: Manifest) -> None:
        """PUTs a manifest by its digest."""
        await self._put(manifest, str(manifest.digest), str(self._repository.at(manifest.digest)))

    async def tag(self, manifest: Manifest, tag: Tag) -> None:
        """PUTs a manifest by a tag."""
        await self._put(manifest, str(tag), str(self._repository.at(tag)))

    async def tag_if(self, manifest: Manifest, tag: Tag, was: Digest | None) -> None:
        """PUTs a manifest by a tag under the condition that the tag is `was` (RFC 9110, 13.1).

        Registries use the digest as entity tag. One that knows no conditions writes; one that does may answer 412.
        """
        condition = {"If-Match": f'"{was}"'} if was else {"If-None-Match": "*"}
        await self._put(manifest, str(tag), str(self._repository.at(tag)), condition)

    async def tag_together(self, manifest: Manifest, tags: Sequence[Tag]) -> frozenset[Tag]:
        """PUTs a manifest by digest and asks for all tags at once; a registry that can names them in `OCI-Tag`."""
        query = "&".join(f"tag={tag}" for tag in tags)
        what = str(self._repository.at(manifest.digest))
        try:
            response = await self._put(manifest, f"{manifest.digest}?{query}", what)
        except (UsageError, ConflictError):  # such an address means nothing to it, or is too long (414, 431)
            return frozenset()
        confirmed = {name.strip() for name in response.headers.get("oci-tag", "").split(",")}
        return frozenset(tag for tag in tags if tag.name in confirmed)

    async def delete_tag(self, tag: Tag) -> None:
        """DELETEs a tag alone. Many registries cannot: they answer with what they have for nonsense."""
        what = str(self._repository.at(tag))
        response = await self._ask("DELETE", f"manifests/{tag}", what)
        if response.status in (400, 405, 501):
            raise ConflictError(what, f"this registry does not delete a tag alone: it answers {response.status}")
        _expect(response, what, 202, 200, 204)

    async def delete_manifest(self, digest: Digest) -> None:
        """DELETEs a manifest, and so every tag of it."""
        what = str(self._repository.at(digest))
        _expect(await self._ask("DELETE", f"manifests/{digest}", what), what, 202, 200, 204)

    # -- one request

    async def _put(
        self, manifest: Manifest, target: str, what: str, condition: Mapping[str, str] | None = None
    ) -> Response:
        headers = {"Content-Type": manifest.media_type, **(condition or {})}
        response = await self._ask("PUT", f"manifests/{target}", what, headers=headers, body=manifest.content)
        if response.status == 413:
            raise error_for(response, what, hint=f"{len(manifest.content)} bytes were sent")
        _expect(response, what, 201, 200, 202, 204)
        claim = response.headers.get(_DIGEST_HEADER)
        if claim and _claimed(claim, what) != manifest.digest:
            raise ContentError(what, f"the registry stored it as {claim}, not {manifest.digest}")
        if manifest.document.get("subject") and not response.headers.get("oci-subject"):
            await self._fallback.add(manifest)  # the registry has not understood what it is about
        return response

    async def _exists(self, target: str, what: str) -> bool:
        response = await self._ask("HEAD", target, what, headers=_ACCEPT)
        if response.status == 404:
            return False
        _expect(response, what, 200)
        return True

    async def _ask(
        self, method: str, path: str, what: str, *, headers: dict[str, str] | None = None,
        body: bytes | None = None, limit: int = MAX_MANIFEST,
    ) -> Response:  # fmt: skip
        return await self._client.send(self._request(method, path, what, headers, body, limit))

    async def _send(
        self, method: str, url: str, what: str, headers: dict[str, str] | None = None, body: Body | None = None
    ) -> Response:
        return await self._client.send(
            Request(method=method, host=self._repository.host, target=url, what=what, scopes=self._scopes,
                    headers=headers or {}, body=body)
        )  # fmt: skip

    def _request(
        self, method: str, path: str, what: str, headers: dict[str, str] | None = None,
        body: bytes | None = None, limit: int = MAX_MANIFEST,
    ) -> Request:  # fmt: skip
        target = f"/v2/{self._repository.path}/{path}"
        return Request(method=method, host=self._repository.host, target=target, what=what, scopes=self._scopes,
                       headers=headers or {}, body=body, limit=limit)  # fmt: skip


def _expect(response: Response, what: str, *statuses: int, absent: str | None = None) -> None:
    """Raises the error of a refusal; `absent` is the way out if there is no such thing."""
    if response.status not in statuses:
        raise error_for(response, what, hint=absent if response.status == 404 else None)


def _claimed(header: str, what: str) -> Digest:
    try:
        return Digest.parse(header)
    except RegtoolError:
        raise ContentError(what, "the registry names it by something that is no digest") from None
