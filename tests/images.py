"""Images made on the fly, for what the fixtures do not have: any platform, labels, media types, lists within lists."""

import json
from typing import Any

from scripts.push_layout import Registry
from tests.registries import RunningRegistry

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"


def push_image(
    registry: RunningRegistry,
    repository: str,
    tag: str,
    *,
    config: dict[str, Any] | None = None,
    labels: dict[str, str] | None = None,
    layer: bytes = b"layer",
    docker: bool = False,
    config_type: str | None = None,
) -> str:
    """Pushes an image with this configuration (linux/amd64 if none) and returns its digest."""
    described = {"architecture": "amd64", "os": "linux", **(config or {})}
    if labels:
        described["config"] = {"Labels": labels}
    config_type = config_type or (DOCKER_CONFIG if docker else OCI_CONFIG)
    with_connection = Registry(registry.url, registry.credentials)
    try:
        document = {
            "schemaVersion": 2,
            "mediaType": DOCKER_MANIFEST if docker else OCI_MANIFEST,
            "config": _blob(with_connection, repository, config_type, json.dumps(described).encode()),
            "layers": [_blob(with_connection, repository, DOCKER_LAYER if docker else OCI_LAYER, layer)],
        }
    finally:
        with_connection.close()
    return push_document(registry, repository, tag, document)


def push_index(
    registry: RunningRegistry, repository: str, tag: str, entries: list[dict[str, Any]], **fields: Any
) -> str:
    """Pushes an OCI index with these entries and returns its digest."""
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries, **fields}
    return push_document(registry, repository, tag, document)


def push_document(registry: RunningRegistry, repository: str, tag: str, document: dict[str, Any]) -> str:
    """Pushes a manifest as it is and returns its digest."""
    connection = Registry(registry.url, registry.credentials)
    try:
        return connection.put_manifest(repository, tag, document["mediaType"], json.dumps(document).encode())
    finally:
        connection.close()


def entry(digest: str, size: int, platform: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A row of an index; an OCI image unless `mediaType` says otherwise."""
    found = {"mediaType": OCI_MANIFEST, "digest": digest, "size": size, **fields}
    return found | ({"platform": platform} if platform else {})


def _blob(connection: Registry, repository: str, media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": connection.put_blob(repository, content), "size": len(content)}
