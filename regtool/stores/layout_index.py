"""The `index.json` of a layout: which manifests it offers, and by which tags (OCI image-spec, image-layout.md).

An entry with the annotation `org.opencontainers.image.ref.name` is a tag. A manifest that no tag points at has an
entry without one, so that whoever cleans up does not take it for rubbish. Entries, annotations and fields that
regtool does not know stay as they are, in their order.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from regtool.documents.descriptor import Descriptor
from regtool.documents.strict_json import load_object
from regtool.errors import ContentError, UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Tag

REF_NAME = "org.opencontainers.image.ref.name"

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LayoutIndex:
    """An `index.json` as a value: each change gives a new one."""

    document: dict[str, Any]
    entries: tuple[Entry, ...] = field(repr=False)
    tags: dict[str, Entry] = field(repr=False)
    digests: frozenset[str] = field(repr=False)

    @classmethod
    def parse(cls, content: bytes, what: str) -> Self:
        """Reads the file's bytes; `what` names the file in a ContentError."""
        document = load_object(content, what)
        entries = document.get("manifests")
        if not isinstance(entries, list) or not all(_is_entry(entry) for entry in entries):
            raise ContentError(what, "manifests is not a list of descriptors")
        return cls._of(document, entries)

    @classmethod
    def empty(cls) -> Self:
        """The index of a layout that holds nothing yet."""
        return cls._of({"schemaVersion": 2, "mediaType": types.OCI_INDEX}, [])

    @classmethod
    def _of(cls, document: dict[str, Any], entries: Iterable[Entry]) -> Self:
        kept = tuple(entries)
        # Names that are tags go before tags that are only the end of a name.
        tags = {tag: entry for entry in kept if (tag := _tag_at_end(_name(entry)))}
        tags |= {tag: entry for entry in kept if (tag := _plain_tag(_name(entry)))}
        digests = frozenset(entry["digest"] for entry in kept)
        return cls({**document, "manifests": list(kept)}, kept, tags, digests)

    def to_bytes(self) -> bytes:
        """The bytes to write."""
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":")).encode()

    def lists(self, digest: Digest) -> bool:
        """Whether there is an entry for this manifest, with a tag or without."""
        return str(digest) in self.digests

    def media_type(self, digest: Digest) -> str:
        """The media type of a listed manifest; empty if there is no entry or it has none."""
        listed = (entry.get("mediaType", "") for entry in self.entries if entry["digest"] == str(digest))
        return next(listed, "")

    def digest_of(self, tag: Tag) -> Digest | None:
        """What a tag points at."""
        entry = self.tags.get(tag.name)
        return Digest.parse(entry["digest"]) if entry else None

    def with_manifest(self, descriptor: Descriptor) -> Self:
        """With an entry for this manifest, if there is none."""
        if self.lists(descriptor.digest):
            return self
        return self._of(self.document, [*self.entries, descriptor.as_json()])

    def with_tags(self, descriptor: Descriptor, tags: Iterable[Tag]) -> Self:
        """With these tags on this manifest. What they pointed at before stays listed."""
        index = self
        for tag in tags:
            if index.digest_of(tag) != descriptor.digest:
                freed = index.without_tag(tag)
                index = self._of(freed.document, _with_name(freed.entries, descriptor, tag))
        return index

    def without_tag(self, tag: Tag) -> Self:
        """Without this tag. The manifest stays listed."""
        entry = self.tags.get(tag.name)
        if entry is None:
            return self
        elsewhere = any(other is not entry and other["digest"] == entry["digest"] for other in self.entries)
        return self._of(self.document, _replaced(self.entries, entry, None if elsewhere else _unnamed(entry)))

    def without_manifest(self, digest: Digest) -> Self:
        """Without any entry for this manifest, so without its tags too."""
        return self._of(self.document, [entry for entry in self.entries if entry["digest"] != str(digest)])


def _is_entry(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("digest"), str):
        return False
    notes, media_type = value.get("annotations") or {}, value.get("mediaType", "")
    return isinstance(notes, dict) and isinstance(notes.get(REF_NAME, ""), str) and isinstance(media_type, str)


def _name(entry: Entry) -> str:
    name: str = (entry.get("annotations") or {}).get(REF_NAME, "")
    return name


def _plain_tag(name: str) -> str:
    try:
        return Tag(name).name
    except UsageError:
        return ""


def _tag_at_end(name: str) -> str:
    """Some tools write whole references, such as `docker.io/library/alpine:3.20`."""
    head, _, tag = name.rpartition(":")
    return _plain_tag(tag) if head else ""


def _with_name(entries: Iterable[Entry], descriptor: Descriptor, tag: Tag) -> list[Entry]:
    """An entry of this manifest without a name takes the tag; if all have one, a further entry does."""
    kept = list(entries)
    free = next((entry for entry in kept if entry["digest"] == str(descriptor.digest) and not _name(entry)), None)
    if free is None:
        return [*kept, _named(descriptor.as_json(), tag)]
    return _replaced(kept, free, _named(free, tag))


def _named(entry: Entry, tag: Tag) -> Entry:
    return {**entry, "annotations": {**(entry.get("annotations") or {}), REF_NAME: tag.name}}


def _unnamed(entry: Entry) -> Entry:
    notes = {key: note for key, note in (entry.get("annotations") or {}).items() if key != REF_NAME}
    rest = {key: value for key, value in entry.items() if key != "annotations"}
    return {**rest, "annotations": notes} if notes else rest


def _replaced(entries: Iterable[Entry], old: Entry, new: Entry | None) -> list[Entry]:
    """The entries with `new` where `old` was; the very object counts, as equal ones may be there twice."""
    changed = (new if entry is old else entry for entry in entries)
    return [entry for entry in changed if entry is not None]
