"""Reading from a repository in a registry (OCI distribution-spec 1.1, "Pull", "Content Discovery").

Each method is one request where the protocol allows it. Nothing is asked in advance: no `/v2/` ping, no HEAD before a
GET. What a registry answers is verified here: digests over the received bytes, sizes, media types.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import Index
from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.documents.strict_json import load_object
from regtool.errors import ContentError, NotFoundError, RegtoolError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Repository, Selector, Tag
from regtool.stores.download import download
from regtool.stores.pages import Pages, TagPages
from regtool.transport.client import Client
from regtool.transport.message import Body, Request, Response
from regtool.transport.problem import error_for
from regtool.transport.scope import Scope
from regtool.transport.stream import Stream

_ACCEPT = {"Accept": ", ".join(types.ACCEPTED)}
_MAX_INVENTORY = 64 * 1024 * 1024  # bytes; Google's registries send it in one piece
_NO_API = frozenset({400, 404, 405, 501})  # how registries say that they list no referrers
DIGEST_HEADER = "docker-content-digest"


class RegistrySource:
    """One repository of one registry. `scopes` is what the work at hand needs to be allowed, in one token."""

    def __init__(self, repository: Repository, client: Client, scopes: tuple[Scope, ...]) -> None:
        self._repository = repository
        self._client = client
        self._scopes = scopes

    async def resolve(self, selector: Selector) -> Descriptor:
        """Type, digest and size by HEAD; by GET where the registry leaves one of the three out of its answer."""
        what = str(self._repository.at(selector))
        response = await self._ask("HEAD", f"manifests/{selector}", what, headers=_ACCEPT)
        digest, length = response.headers.get(DIGEST_HEADER), response.headers.get("content-length", "")
        media_type = types.bare(response.headers.get("content-type", ""))
        complete = response.status == 200 and digest and length.isdecimal() and int(length) > 0
        if not complete or media_type not in types.INDEXES | types.IMAGES:
            # Also for errors: only a GET brings the registry's own words.
            return (await self.manifest(selector)).descriptor
        found = Descriptor.of(media_type, claimed(digest or "", what), int(length))
        if isinstance(selector, Digest) and found.digest != selector:
            raise ContentError(what, f"the registry answers with {found.digest}")
        return found

    async def look(self, selector: Selector) -> Digest | None:
        """The digest by HEAD, None for a 404; by GET where the registry does not say it."""
        what = str(self._repository.at(selector))
        response = await self._ask("HEAD", f"manifests/{selector}", what, headers=_ACCEPT)
        if response.status == 404:
            return None
        digest = response.headers.get(DIGEST_HEADER)
        if response.status == 200 and digest:
            return claimed(digest, what)
        return (await self.manifest(selector)).digest

    async def manifest(self, selector: Selector) -> Manifest:
        """A manifest by GET, its digest computed over the bytes that came and compared with every claim."""
        what = str(self._repository.at(selector))
        response = await self._ask("GET", f"manifests/{selector}", what, headers=_ACCEPT, limit=MAX_MANIFEST)
        expect(response, what, 200, absent=f"`regtool ls {self._repository}` lists what is there")
        pinned = selector if isinstance(selector, Digest) else None
        claim = response.headers.get(DIGEST_HEADER)
        named = claimed(claim, what) if claim else None
        manifest = Manifest.received(response.content, response.headers.get("content-type", ""), what, pinned or named)
        if pinned and named:
            named.verify(response.content, what)
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
        expect(response, what, 200)
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
            expect(response, str(self._repository), 200)
            for tag in pages.read(response):
                yield tag

    async def manifests(self) -> list[Digest]:
        """Every manifest, as Google's registries and `regtool serve` add it to a tag list; others do not tell."""
        what = f"manifests of {self._repository}"
        response = await self._ask("GET", "tags/list", what, limit=_MAX_INVENTORY)
        expect(response, what, 200)
        listed = load_object(response.content, what).get("manifest")
        if not isinstance(listed, dict):
            raise NotFoundError(what, "the registry lists only what is tagged")
        return [claimed(digest, what) for digest in listed]

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
            expect(response, what, 200)
            found += Index.view(load_object(response.content, what), what).manifests
            pages.turn(response)
        return found

    # -- one request

    async def _exists(self, target: str, what: str) -> bool:
        response = await self._ask("HEAD", target, what, headers=_ACCEPT)
        if response.status == 404:
            return False
        expect(response, what, 200)
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


def expect(response: Response, what: str, *statuses: int, absent: str | None = None) -> None:
    """Raises the error of a refusal; `absent` is the way out if there is no such thing."""
    if response.status not in statuses:
        raise error_for(response, what, hint=absent if response.status == 404 else None)


def claimed(header: str, what: str) -> Digest:
    """The digest that a header names. Raises ContentError."""
    try:
        return Digest.parse(header)
    except RegtoolError:
        raise ContentError(what, "the registry names it by something that is no digest") from None
