"""The images that are merged, looked at and copied: made here, small or large."""

import gzip
import json
from typing import Any

from scripts.push_layout import Registry
from tests.images import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST

SMALL = gzip.compress(b"layer", mtime=0)


def push_image(registry: Registry, repository: str, architecture: str, *layers: bytes) -> dict[str, Any]:
    """Pushes an image under its architecture as tag, and returns its row in a list. Its layer is small unless given."""
    config = json.dumps({"architecture": architecture, "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}})
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _blob(registry, repository, OCI_CONFIG, config.encode()),
        "layers": [_blob(registry, repository, f"{OCI_LAYER}+gzip", layer) for layer in layers or (SMALL,)],
    }
    content = json.dumps(document).encode()
    digest = registry.put_manifest(repository, architecture, OCI_MANIFEST, content)
    platform = {"architecture": architecture, "os": "linux"}
    return {"mediaType": OCI_MANIFEST, "digest": digest, "size": len(content), "platform": platform}


def push_list(registry: Registry, repository: str, tag: str, rows: list[dict[str, Any]]) -> None:
    """Pushes a list of these rows; its tag is in it, so that no two lists are the same."""
    notes = {"org.opencontainers.image.version": tag}
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": rows, "annotations": notes}
    registry.put_manifest(repository, tag, OCI_INDEX, json.dumps(document).encode())


def _blob(registry: Registry, repository: str, media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": registry.put_blob(repository, content), "size": len(content)}
