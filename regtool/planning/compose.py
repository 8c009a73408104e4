"""From members to one list: which go in, in which order, of which type."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import Index, encode
from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.errors import ConflictError, ContentError, UsageError
from regtool.model import media_type as types
from regtool.model.platform import Platform
from regtool.planning.member import Member
from regtool.planning.shape import Attestations, ListType, Shape

_COMPOSED = ("schemaVersion", "mediaType", "manifests", "annotations")
_ONLY_OCI = ("artifactType", "subject")


def compose(members: Sequence[Member], shape: Shape, what: str, before: Manifest | None = None) -> Manifest:
    """The list that holds these selected members in this order, as the bytes to publish; `what` names it in errors.

    Whatever else the list said `before`, unknown fields included, it still says; its annotations are in `shape`.
    Raises UsageError or ContentError for a shape that cannot be had.
    """
    entries = [entry for member in members for entry in member.entries]
    media_type = _media_type(shape.type, entries)
    if shape.annotations and types.is_docker(media_type):
        raise UsageError(what, "a Docker manifest list has no annotations", "use --type oci, or leave --annotation out")
    content = Index.of(media_type, entries, dict(shape.annotations), _kept(before, media_type)).to_bytes()
    if len(content) > MAX_MANIFEST:
        raise UsageError(what, f"the list would be {len(content)} bytes, more than registries take ({MAX_MANIFEST})")
    return Manifest.written(media_type, content, what)


def _kept(before: Manifest | None, media_type: str) -> dict[str, Any]:
    if before is None or not before.is_index:
        return {}
    made_anew = _COMPOSED + (_ONLY_OCI if types.is_docker(media_type) else ())
    return {key: value for key, value in before.document.items() if key not in made_anew}


def select(members: Iterable[Member], shape: Shape) -> list[Member]:
    """The members that go into a list, in its order: by platform as asked, each platform once, attestations as asked.

    The same members give the same result whatever order they come in, unless `shape.keep_order`. Raises
    ConflictError for two images of one platform, UsageError if nothing is left.
    """
    wanted = [member for member in members if _is_wanted(member, shape.platforms)]
    _refuse_unmatched(wanted, shape.platforms)
    unique = _once_each(wanted if shape.keep_order else sorted(wanted, key=_order))
    if not any(member.platform for member in unique):
        raise UsageError("create", "no image is left to list", "name at least one source")
    if shape.attestations is Attestations.DROP:
        return [replace(member, attestations=()) for member in unique]
    return unique


def _is_wanted(member: Member, platforms: tuple[Platform, ...]) -> bool:
    if not platforms:
        return True
    return member.platform is not None and any(member.platform.satisfies(wanted) for wanted in platforms)


def _refuse_unmatched(members: list[Member], platforms: tuple[Platform, ...]) -> None:
    for wanted in platforms:
        if not any(member.platform and member.platform.satisfies(wanted) for member in members):
            raise UsageError(f"--platform {wanted}", "no source has it", "`regtool inspect` shows what a source has")


def _once_each(members: list[Member]) -> list[Member]:
    """Merges members that are the same image for the same platform, into the first; refuses two images for one."""
    found: dict[object, Member] = {}
    for member in members:
        slot = member.platform.slot if member.platform else member.digest
        first = found.setdefault(slot, member)
        if first.digest != member.digest:
            raise ConflictError(
                f"two images for {member.platform}",
                f"{first} and {member}",
                "leave one out, or correct its platform with SOURCE=os/arch",
            )
        together = {attestation.digest: attestation for attestation in (*first.attestations, *member.attestations)}
        found[slot] = replace(first, attestations=tuple(together.values()))
    return list(found.values())


def _order(member: Member) -> tuple[object, ...]:
    """Images by platform; what runs nowhere comes last, by digest. Equal only for what is written in the same bytes."""
    rows = tuple(encode(entry.as_json()) for entry in member.entries)
    return (member.platform is None, member.platform.order if member.platform else (), str(member.digest), rows)


def _media_type(wanted: ListType, entries: list[Descriptor]) -> str:
    foreign = [entry for entry in entries if not types.is_docker(entry.media_type)]
    if wanted is ListType.DOCKER and foreign:
        raise ContentError(
            str(foreign[0].digest),
            f"is {foreign[0].media_type}, which a Docker manifest list cannot hold",
            "use --type oci, or build with oci-mediatypes=false and without attestations (--provenance=false)",
        )
    if wanted is ListType.OCI or foreign:
        return types.OCI_INDEX
    return types.DOCKER_LIST
