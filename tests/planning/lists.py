"""Facts about lists that no registry holds, for the rules."""

from datetime import UTC, datetime
from typing import Any

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import Index
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.planning.rules.facts import Child, Facts, Leg

SIZE = 100  # bytes of every image


def digest(name: str) -> str:
    """The digest of something called so."""
    return str(Digest.of(name.encode()))


def row(name: str, platform: str | None = None, **fields: Any) -> dict[str, Any]:
    """An entry for the image called `name`; the platform is written as it is spelled."""
    found = {"mediaType": types.OCI_MANIFEST, "digest": digest(name), "size": SIZE}
    if platform:
        os, architecture, *variant = platform.split("/")
        found["platform"] = {"architecture": architecture, "os": os, **({"variant": variant[0]} if variant else {})}
    return {**found, **fields}


def attestation(name: str, about: str | None) -> dict[str, Any]:
    """An entry that attests to the image called `about`, or to nothing."""
    notes = {"vnd.docker.reference.type": "attestation-manifest"}
    if about:
        notes["vnd.docker.reference.digest"] = digest(about)
    return row(name, "unknown/unknown", annotations=notes)


def child(truth: str | None = None, **fields: Any) -> Child:
    """An image that says of itself that it is for `truth`."""
    os, architecture, *variant = truth.split("/") if truth else ("", "")
    platform = Platform(os, architecture, variant[0] if variant else "") if truth else None
    return Child(**{"media_type": types.OCI_MANIFEST, "size": SIZE, "platform": platform, **fields})


def facts(*rows: tuple[dict[str, Any], Child | None], media_type: str = types.OCI_INDEX, **fields: Any) -> Facts:
    """What is known about a list of these rows; None is a child that is missing."""
    document = {"schemaVersion": 2, "mediaType": media_type, "manifests": [entry for entry, _ in rows]}
    index = Index.view({**document, **fields}, "a list")
    content = index.to_bytes()
    legs = (Leg(at, index.manifests[at], behind) for at, (_, behind) in enumerate(rows))
    return Facts(
        reference=Reference.parse("localhost:5000/app:1.0"),
        descriptor=Descriptor.of(media_type, Digest.of(content), len(content)),
        index=index,
        legs=tuple(legs),
    )


def day(number: int) -> datetime:
    """A day of January 2026."""
    return datetime(2026, 1, number, tzinfo=UTC)
