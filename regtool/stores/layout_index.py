"""The `index.json` of a layout: which manifests it offers, and by which tags (OCI image-spec, image-layout.md).

An entry with the annotation `org.opencontainers.image.ref.name` is a tag. A manifest that no tag points at has an
entry without one, so that whoever cleans up does not take it for rubbish. Entries, annotations and fields that
regtool does not know stay as they are, in their order.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import field
from typing import Any, Self

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.documents.strict_json import load_object
from regtool.errors import ContentError, UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.values import dataclass

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
    def of(cls, entries: Iterable[Entry]) -> Self:
        """A new index with these entries."""
        return cls._of({"schemaVersion": 2, "mediaType": types.OCI_INDEX}, entries)

    @classmethod
    def empty(cls) -> Self:
        """The index of a layout that holds nothing yet."""
        return cls.of([])

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
        """What a tag points at. Raises ContentError if that is nothing that can be found."""
        entry = self.tags.get(tag.name)
        return digest_of(entry) if entry else None

    def with_put(self, manifest: Manifest, tags: Iterable[Tag]) -> Self:
        """With this manifest and these tags on it. Entries without a name that it holds itself are not needed more."""
        index = self.with_manifest(manifest.descriptor).with_tags(manifest.descriptor, tags)
        if not manifest.is_index:
            return index
        held = {str(part.digest) for part in manifest.as_index().manifests}
        rest = [entry for entry in index.entries if entry["digest"] not in held or _name(entry)]
        return index if len(rest) == len(index.entries) else self._of(index.document, rest)

    def with_manifest(self, descriptor: Descriptor) -> Self:
        """With an entry for this manifest, if there is none."""
        if self.lists(descriptor.digest):
            return self
        return self._of(self.document, [*self.entries, descriptor.as_json()])

    def with_tags(self, descriptor: Descriptor, tags: Iterable[Tag]) -> Self:
        """With these tags on this manifest. What they pointed at before stays listed."""
        moving = [tag for tag in tags if self.tags.get(tag.name, {}).get("digest") != str(descriptor.digest)]
        if not moving:
            return self
        return self._of(self.document, _with_names(self._freed(moving), descriptor, moving))

    def without_tag(self, tag: Tag) -> Self:
        """Without this tag. The manifest stays listed."""
        return self._of(self.document, self._freed([tag])) if tag.name in self.tags else self

    def _freed(self, tags: Iterable[Tag]) -> list[Entry]:
        """The entries without these tags. An entry goes only if its manifest has another one."""
        named = {id(self.tags[tag.name]) for tag in tags if tag.name in self.tags}  # equal ones may be there twice
        count = Counter(entry["digest"] for entry in self.entries)
        kept = []
        for entry in self.entries:
            if id(entry) not in named:
                kept.append(entry)
            elif count[entry["digest"]] > 1:
                count[entry["digest"]] -= 1
            else:
                kept.append(_unnamed(entry))
        return kept

    def without_manifest(self, digest: Digest) -> Self:
        """Without any entry for this manifest, so without its tags too."""
        return self._of(self.document, [entry for entry in self.entries if entry["digest"] != str(digest)])


def digest_of(entry: Entry) -> Digest:
    """The digest of an entry. Layouts may hold others, but nothing can be found by them here (ContentError)."""
    try:
        return Digest.parse(entry["digest"])
    except UsageError as error:
        raise ContentError(error.what, f"is listed, but {error.why}", error.hint) from None


def _is_entry(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("digest"), str):
        return False
    notes, media_type = value.get("annotations"), value.get("mediaType", "")
    notes = {} if notes is None else notes
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


def _with_names(entries: list[Entry], descriptor: Descriptor, tags: list[Tag]) -> list[Entry]:
    """An entry of this manifest without a name takes the first tag; the others are further entries."""
    free = (at for at, entry in enumerate(entries) if entry["digest"] == str(descriptor.digest) and not _name(entry))
    at = next(free, len(entries))
    first, *others = tags
    taken = _named(entries[at] if at < len(entries) else descriptor.as_json(), first)
    return [*entries[:at], taken, *entries[at + 1 :], *(_named(descriptor.as_json(), tag) for tag in others)]


def _named(entry: Entry, tag: Tag) -> Entry:
    return {**entry, "annotations": {**(entry.get("annotations") or {}), REF_NAME: tag.name}}


def _unnamed(entry: Entry) -> Entry:
    notes = {key: note for key, note in (entry.get("annotations") or {}).items() if key != REF_NAME}
    rest = {key: value for key, value in entry.items() if key != "annotations"}
    return {**rest, "annotations": notes} if notes else rest
