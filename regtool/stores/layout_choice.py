"""Which image of a layout is meant: by tag, by a full name, or because there is only one.

Tools name what they put into `index.json` in two ways: the tag alone, or the whole reference (`docker.io/app/app:1`) in
one annotation or another. All of them are understood here.
"""

from regtool.errors import NotFoundError, RegtoolError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Name, Reference, Tag
from regtool.stores.layout_index import REF_NAME, Entry, LayoutIndex, digest_of

FULL_NAME = "io.containerd.image.name"

_OFFERED = 10  # names that an error message lists


def choose(index: LayoutIndex, selector: Tag | Name, what: str) -> Digest:
    """The digest of the image that is meant; `what` names the layout. Raises NotFoundError, UsageError if unclear."""
    if isinstance(selector, Name):
        return _only(index, what) if not selector.text else _called(index, selector, what)
    digest = index.digest_of(selector)
    if digest is None:
        raise no_such(index, selector, what)
    return digest


def no_such(index: LayoutIndex, selector: Tag | Name, what: str) -> NotFoundError:
    """The error for a tag or name that is not there; it says which there are."""
    return NotFoundError(f"{what}:{selector}", "no such tag in the layout", _offer(index))


def _called(index: LayoutIndex, name: Name, what: str) -> Digest:
    wanted = _whole(name.text)
    for entry in index.entries:
        if wanted in (_whole(text) for text in _names(entry)):
            return digest_of(entry)
    raise no_such(index, name, what)


def _only(index: LayoutIndex, what: str) -> Digest:
    """The one image there is. Those with a name go before those without, which may be parts of them."""
    named = {digest_of(entry) for entry in index.entries if _names(entry)}
    found = named or {digest_of(entry) for entry in index.entries}
    if not found:
        raise NotFoundError(what, "holds no image")
    if len(found) > 1:
        raise UsageError(what, f"holds {len(found)} images", _offer(index) or f"name one: {what}@sha256:…")
    return found.pop()


def _names(entry: Entry) -> list[str]:
    notes = entry.get("annotations") or {}
    return [text for text in (notes.get(FULL_NAME), notes.get(REF_NAME)) if isinstance(text, str) and text]


def _whole(name: str) -> str:
    """A name as it is compared: `app:1` is `docker.io/library/app:1`. What is no reference stays as it is."""
    try:
        return str(Reference.parse(name))
    except RegtoolError:
        return name


def _offer(index: LayoutIndex) -> str | None:
    """The tags that there are, for whoever asked for another."""
    names = sorted(index.tags)
    if not names:
        return None
    return f"it has {', '.join(names[:_OFFERED])}{' and more' if len(names) > _OFFERED else ''}"
