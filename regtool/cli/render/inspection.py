"""What `inspect` found, for people and for programs."""

from typing import Any

from regtool.cli.render.table import columns, size
from regtool.operations.inspect import ImageInspection, Inspection, Row

INDENT = "  "


def inspection_text(found: Inspection) -> str:
    """The manifest itself, then one row for each image with its attestations under it."""
    manifest = found.manifest
    head: list[tuple[str, str]] = [
        ("Name", str(found.reference)),
        ("Digest", str(manifest.digest)),
        ("Type", manifest.media_type),
        *[("Annotation", f"{key}: {value}") for key, value in found.annotations.items()],
    ]
    body = [("PLATFORM", "SIZE", "DIGEST"), *[line for row in found.rows for line in _lines(row)]]
    body += [("(attestation of no image here)", "", str(attestation.digest)) for attestation in found.unpaired]
    return f"{columns(head)}\n\n{columns(body)}"


def inspection_json(found: Inspection) -> dict[str, Any]:
    """Everything as one object; the keys are part of the interface."""
    manifest = found.manifest
    return {
        "reference": str(found.reference),
        "digest": str(manifest.digest),
        "mediaType": manifest.media_type,
        "size": len(manifest.content),
        "annotations": found.annotations,
        "platforms": [_row_json(row) for row in found.rows],
        "unpairedAttestations": [str(attestation.digest) for attestation in found.unpaired],
        "manifest": manifest.document,
    }


def image_text(found: ImageInspection) -> str:
    """One image with the part of its configuration that people ask for."""
    run = found.config.config
    rows = [
        ("Name", str(found.reference.place.at(found.descriptor.digest))),
        ("Platform", str(found.config.platform)),
        ("Type", found.descriptor.media_type),
        ("Created", found.config.created or "-"),
        ("User", (run and run.user) or "-"),
        ("Entrypoint", _words(run.entrypoint if run else None)),
        ("Command", _words(run.command if run else None)),
        ("Size", size(found.manifest.size)),
        *[("Label", f"{key}={value}") for key, value in sorted(found.config.labels.items())],
        *[("Layer", f"{layer.digest}  {size(layer.size)}") for layer in found.manifest.layers],
    ]
    return columns(rows)


def image_json(found: ImageInspection) -> dict[str, Any]:
    """One image with its manifest and configuration as they are stored."""
    return {
        "reference": str(found.reference.place.at(found.descriptor.digest)),
        "digest": str(found.descriptor.digest),
        "mediaType": found.descriptor.media_type,
        "platform": str(found.config.platform),
        "size": found.descriptor.size,
        "imageSize": found.manifest.size,
        "manifest": found.manifest.as_json(),
        "config": found.config.as_json(),
    }


def _lines(row: Row) -> list[tuple[str, ...]]:
    platform = str(row.platform) if row.platform else f"({row.descriptor.media_type})"
    note = "missing in the registry" if row.missing else ""
    image = (platform, size(row.size), str(row.descriptor.digest), note)
    return [image, *[(f"{INDENT}+ attestation", "", str(one.digest)) for one in row.attestations]]


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "platform": str(row.platform) if row.platform else None,
        "digest": str(row.descriptor.digest),
        "mediaType": row.descriptor.media_type,
        "size": row.descriptor.size,
        "imageSize": row.size,
        "missing": row.missing,
        "annotations": row.descriptor.annotations or {},
        "attestations": [str(attestation.digest) for attestation in row.attestations],
    }


def _words(words: list[str] | None) -> str:
    return " ".join(words) if words else "-"
