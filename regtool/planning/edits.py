"""Changes to a list, made on its own JSON: what an edit does not name stays as it was, unknown fields included."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from regtool.documents.descriptor import PlatformObject
from regtool.documents.index import encode
from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.errors import ConflictError, ContentError, UsageError
from regtool.model import media_type as types
from regtool.model.platform import Platform
from regtool.planning.member import Member
from regtool.planning.rows import Entries, Row, completed, inserted, replaced, without
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Remove:
    """Takes entries out, and with an image its attestations."""

    which: Entries


@dataclass(frozen=True, slots=True)
class Relabel:
    """Gives entries another platform. OS version and features stay, unless the platform has some or another OS."""

    which: Entries
    platform: Platform


@dataclass(frozen=True, slots=True)
class SetOsVersion:
    """Gives entries another `os.version`."""

    which: Entries
    version: str


@dataclass(frozen=True, slots=True)
class SetLeg:
    """Puts a member in the place of what the list has for `platform`, attestations included, or adds it."""

    platform: Platform
    member: Member


@dataclass(frozen=True, slots=True)
class Append:
    """Adds a member for a platform that the list does not have yet."""

    member: Member


@dataclass(frozen=True, slots=True)
class Annotate:
    """Sets an annotation of the list, or of some entries; without a `value` it removes it."""

    key: str
    value: str | None
    which: Entries | None = None


Edit = Remove | Relabel | SetOsVersion | SetLeg | Append | Annotate


def edited(manifest: Manifest, edits: Iterable[Edit]) -> Manifest:
    """The list after these edits, one after the other; the very same manifest if they change nothing.

    Raises UsageError for an edit that matches nothing, that leaves no image, or that the list's type does not allow,
    ConflictError for a second image of one platform.
    """
    manifest.as_index()
    draft = _Draft(dict(manifest.document), Row.read(manifest.document, manifest.what), manifest)
    for edit in edits:
        draft.apply(edit)
    document = {**draft.document, "manifests": [row.json for row in draft.rows]}
    if document == manifest.document:
        return manifest
    content = encode(document)
    if len(content) > MAX_MANIFEST:
        raise UsageError(manifest.what, f"would be {len(content)} bytes, more than registries take ({MAX_MANIFEST})")
    draft.refuse_empty()
    draft.refuse_doubles(Row.read(manifest.document, manifest.what))
    return Manifest.written(manifest.media_type, content, manifest.what)


@dataclass(slots=True)
class _Draft:
    """A list while it is edited. `base` is the list as it was read; its rows and its JSON are never changed."""

    document: dict[str, Any]
    rows: list[Row]
    base: Manifest

    def apply(self, edit: Edit) -> None:
        match edit:
            case Remove(which):
                self.rows = without(self.rows, self._named(which))
            case Relabel(which, platform):
                self._change(which, lambda json: {**json, "platform": _labelled(json.get("platform"), platform)})
            case SetOsVersion(which, version):
                self._change(which, lambda json: {**json, "platform": _versioned(json, version)})
            case SetLeg(platform, member):
                self._set(platform, member)
            case Append(member):
                self._append(member)
            case Annotate(key, value, Entries() as which):
                self._change(which, lambda json: self._annotated(json, key, value))
            case Annotate(key, value):
                self.document = self._annotated(self.document, key, value)

    def _named(self, which: Entries) -> list[Row]:
        """The rows that an edit names: never none."""
        found = [row for row in self.rows if which.match(row)]
        if not found:
            offered = ", ".join(str(row.platform) for row in self.rows if row.platform)
            raise UsageError(str(which), f"is not in {self.base.what}", f"it has {offered or 'no image at all'}")
        return found

    def _change(self, which: Entries, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        named = self._named(which)
        self.rows = [row.changed(change(row.json)) if row in named else row for row in self.rows]

    def _set(self, platform: Platform, member: Member) -> None:
        self._refuse_foreign(member)
        assert member.platform is not None
        old = [
            row
            for row in self.rows
            if row.platform and (row.platform.satisfies(platform) or row.platform.same_slot(member.platform))
        ]
        if len({row.platform.slot for row in old if row.platform}) > 1:
            names = ", ".join(str(row.platform) for row in old)
            raise UsageError(str(platform), f"names more than one image of {self.base.what}", f"it has {names}")
        if not old:
            self.rows = inserted(self.rows, member)
        elif [row.digest for row in old] == [member.digest]:
            self.rows = completed(self.rows, member)
        else:
            self.rows = replaced(self.rows, old, member)

    def _append(self, member: Member) -> None:
        self._refuse_foreign(member)
        here = any(row.digest == member.digest and not row.entry.is_attestation for row in self.rows)
        self.rows = completed(self.rows, member) if here else inserted(self.rows, member)

    def _annotated(self, owner: dict[str, Any], key: str, value: str | None) -> dict[str, Any]:
        """The JSON of the list or of an entry with, or without, an annotation."""
        if value is not None and types.is_docker(self.base.media_type):
            raise UsageError(self.base.what, "a Docker manifest list has no annotations", "an OCI index does")
        notes = {**(owner.get("annotations") or {}), key: value}
        if value is None and key not in (owner.get("annotations") or {}):
            raise UsageError(f"annotation {key}", f"is not in {self.base.what}")
        kept = {name: text for name, text in notes.items() if text is not None}
        rest = {name: inner for name, inner in owner.items() if name != "annotations" or kept}
        return {**rest, "annotations": kept} if kept else rest

    def _refuse_foreign(self, member: Member) -> None:
        """A list keeps its type, so only what that type may hold can come in."""
        foreign = [entry for entry in member.entries if not types.is_docker(entry.media_type)]
        if foreign and types.is_docker(self.base.media_type):
            raise ContentError(
                str(member),
                f"has {foreign[0].media_type}, which the Docker manifest list {self.base.what} cannot hold",
                "merge all of it anew with `regtool create --type oci`",
            )

    def refuse_empty(self) -> None:
        if all(row.entry.is_attestation for row in self.rows):
            raise UsageError(self.base.what, "would have no image left", "`regtool rm` removes a tag")

    def refuse_doubles(self, before: Sequence[Row]) -> None:
        """No platform may be offered more often than it was, if that is more than once."""
        old, new = _counted(before), _counted(self.rows)
        for slot, count in new.items():
            if count > max(1, old[slot]):
                doubles = [row for row in self.rows if row.platform and row.platform.slot == slot]
                names = " and ".join(f"{row.digest.algorithm}:{row.digest.short}" for row in doubles)
                raise ConflictError(
                    f"two images for {doubles[0].platform}", f"{names} in {self.base.what}", "use --set to replace one"
                )


def _counted(rows: Iterable[Row]) -> Counter[object]:
    return Counter(row.platform.slot for row in rows if row.platform)


def _labelled(old: dict[str, Any] | None, platform: Platform) -> dict[str, Any]:
    """A platform object with other names in it; the fields that regtool does not know stay."""
    old, new = old or {}, PlatformObject.of(platform).as_json()
    known = PlatformObject.known_keys()
    if old.get("os") == platform.os:
        new = {key: old[key] for key in ("os.version", "os.features") if key in old} | new
    unknown = {key: value for key, value in old.items() if key not in known}
    return {key: new[key] for key in known if key in new} | unknown


def _versioned(json: dict[str, Any], version: str) -> dict[str, Any]:
    platform = json.get("platform")
    if not platform:
        raise UsageError(json["digest"], "has no platform", "name it with --platform-of first")
    return {**platform, "os.version": version}
