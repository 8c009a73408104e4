"""Content for the tests of the stores."""

import json
from collections.abc import AsyncIterator
from typing import Any

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.stores.protocols import Content, Sink

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def describe(content: bytes, media_type: str = LAYER, algorithm: str = "sha256") -> Descriptor:
    """The descriptor of a blob."""
    return Descriptor.of(media_type, Digest.of(content, algorithm), len(content))


def content_of(*chunks: bytes) -> Content:
    """A blob that comes in these chunks, each time it is opened."""

    async def chunked() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return chunked


def image(*layers: bytes, config: bytes = b"{}", **more: Any) -> Manifest:
    """An image over these blobs."""
    document = {
        "schemaVersion": 2,
        "mediaType": types.OCI_MANIFEST,
        "config": describe(config, types.OCI_CONFIG).as_json(),
        "layers": [describe(layer).as_json() for layer in layers],
        **more,
    }
    return Manifest.received(json.dumps(document, indent=1).encode(), "", "a sample image")


def index(*children: Manifest, **more: Any) -> Manifest:
    """A list of these manifests."""
    entries = [child.descriptor.as_json() for child in children]
    document = {"schemaVersion": 2, "mediaType": types.OCI_INDEX, "manifests": entries, **more}
    return Manifest.received(json.dumps(document, indent=1).encode(), "", "a sample list")


async def put(sink: Sink, *blobs: bytes) -> None:
    """Puts blobs, each in two chunks."""
    for blob in blobs:
        await sink.put_blob(describe(blob), content_of(blob[:1], blob[1:]))


async def put_image(sink: Sink, *layers: bytes, **more: Any) -> Manifest:
    """Puts an image with its blobs."""
    manifest = image(*layers, **more)
    await put(sink, b"{}", *layers)
    await sink.put_manifest(manifest)
    return manifest
