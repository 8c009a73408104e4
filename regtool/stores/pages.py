"""Lists come in pages (OCI distribution-spec "Listing Tags", "Listing Referrers")."""

import re

from regtool.documents.strict_json import load_object
from regtool.errors import ContentError, UsageError
from regtool.model.reference import Repository, Tag
from regtool.transport.message import Response
from regtool.transport.origin import joined, split_url
from regtool.transport.visible import visible

PAGE_SIZE = 1000  # tags; ECR refuses to be asked for more
MAX_PAGES = 1000
MAX_TAGS = 1_000_000

_LINK = re.compile(r"<([^>]*)>([^,]*)")
_NEXT = re.compile(r""";\s*rel\s*=\s*"?next"?\s*(?:;|$)""", re.IGNORECASE)


class Pages:
    """Walks the pages of one list of a registry. `next` is what to ask for next, None after the last page."""

    def __init__(self, what: str, first: str, suffix: str) -> None:
        self._what = what
        self._suffix = suffix  # how the path of every page ends
        self._asked: set[str] = set()
        self.next: str | None = first

    def turn(self, response: Response) -> None:
        """Moves `next` on, by the page that came for it. Raises ContentError for a list that does not end."""
        self._asked.add(self.next or "")
        self.next = self._following(response)
        if len(self._asked) >= MAX_PAGES:
            raise ContentError(self._what, f"the registry's list does not end ({len(self._asked)} pages so far)")

    def _following(self, response: Response) -> str | None:
        """The next page, re-based onto the registry: behind a proxy `Link` may name another scheme or host."""
        for url, parameters in _LINK.findall(response.headers.get("link", "")):
            if _NEXT.search(parameters):
                page = split_url(joined(response.url, url))
                path, _, query = page.target.partition("?") if page else (visible(url), "", "")
                target = f"/{path.lstrip('/')}?{query}"  # two slashes would name a host
                if not page or not path.endswith(self._suffix):
                    raise ContentError(self._what, f"the registry's next page is somewhere else: {path}")
                if target in self._asked:
                    raise ContentError(self._what, "the registry's pages go round in a circle")
                return target
        return None


class TagPages(Pages):
    """Walks the pages of one repository's tags."""

    def __init__(self, repository: Repository) -> None:
        self._count = 0
        super().__init__(f"tags of {repository}", f"/v2/{repository.path}/tags/list?n={PAGE_SIZE}", "/tags/list")

    def read(self, response: Response) -> list[Tag]:
        """The tags of the page that came for `next`; moves `next` on. Raises ContentError."""
        names = load_object(response.content, self._what).get("tags") or []
        if not isinstance(names, list):
            raise ContentError(self._what, "the registry's answer is not a list of tags")
        self._count += len(names)
        if self._count > MAX_TAGS:
            raise ContentError(self._what, f"the registry's list does not end ({self._count} tags so far)")
        self.turn(response)
        return [_tag(name, self._what) for name in names]


def _tag(name: object, what: str) -> Tag:
    try:
        return Tag(name if isinstance(name, str) else repr(name))
    except UsageError:
        raise ContentError(what, f"the registry lists {name!r}, which is no tag") from None
