"""Documents to test with: what real builders wrote, and a small one to change."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from regtool.documents.manifest import Manifest
from regtool.model import media_type as types
from regtool.model.digest import Digest
from scripts.push_layout import Layout
from tests.registries import FIXTURES

LAYOUTS = sorted(path.name for path in (FIXTURES / "buildx").glob("*.tar"))
RECORDED = Path(__file__).parent / "recorded"

GOOD = "sha256:" + "a" * 64
EVIL = "sha256:" + "e" * 64


@cache
def layout(name: str) -> Layout:
    """What a tar of fixtures/buildx holds, read without any code of regtool."""
    return Layout.read(FIXTURES / "buildx" / name)


def blob(name: str, digest: Digest) -> bytes:
    """One blob of a tar of fixtures/buildx."""
    return layout(name).blobs[str(digest)]


def root(name: str) -> Manifest:
    """The manifest that a tar of fixtures/buildx is about."""
    (entry,) = layout(name).roots
    return Manifest.received(layout(name).blobs[entry["digest"]], entry["mediaType"], name)


def manifests(name: str) -> list[Manifest]:
    """The manifests in a tar of fixtures/buildx, the root first."""
    top = root(name)
    entries = top.as_index().manifests if top.is_index else []
    return [top, *(Manifest.received(blob(name, entry.digest), entry.media_type, name) for entry in entries)]


def descriptor(**changes: Any) -> dict[str, Any]:
    """A descriptor as JSON, with some fields changed or added."""
    return {"mediaType": types.OCI_MANIFEST, "digest": GOOD, "size": 7, **changes}


def index(**changes: Any) -> dict[str, Any]:
    """A list of one image as JSON, with some fields changed or added."""
    return {"schemaVersion": 2, "mediaType": types.OCI_INDEX, "manifests": [descriptor()], **changes}


def image(**changes: Any) -> dict[str, Any]:
    """An image manifest as JSON, with some fields changed or added."""
    config = descriptor(mediaType=types.OCI_CONFIG)
    return {"schemaVersion": 2, "mediaType": types.OCI_MANIFEST, "config": config, "layers": [], **changes}


def as_bytes(document: object) -> bytes:
    """The document on the wire."""
    return json.dumps(document).encode()
