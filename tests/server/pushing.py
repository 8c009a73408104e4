"""Content for the tests of the registry, and the short way to push it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256, sha512
from typing import Any

import httpx

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"

UNKNOWN = f"sha256:{'0' * 64}"


def digest_of(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


def sha512_of(content: bytes) -> str:
    return f"sha512:{sha512(content).hexdigest()}"


def descriptor(content: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content), **more}


def image(config: bytes = b"{}", layers: tuple[bytes, ...] = (), **more: Any) -> bytes:
    """An image manifest over these blobs."""
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": descriptor(config, OCI_CONFIG),
        "layers": [descriptor(layer, OCI_LAYER) for layer in layers],
    }
    return json.dumps(document | more).encode()


def index(*children: bytes, **more: Any) -> bytes:
    """An index over these manifests."""
    entries = [descriptor(child, OCI_MANIFEST) for child in children]
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries} | more).encode()


def changed(manifest: bytes, **fields: Any) -> bytes:
    """The manifest with other fields, right or wrong."""
    return json.dumps(json.loads(manifest) | fields).encode()


def type_of(manifest: bytes) -> str:
    media_type: str = json.loads(manifest)["mediaType"]
    return media_type


def codes(response: httpx.Response) -> list[str]:
    """The codes of an error body."""
    return [entry["code"] for entry in response.json()["errors"]]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Waits for what another task or process is about to do; fails after ten seconds."""
    for _ in range(1000):
        if await condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{condition.__name__} was not so in time")


@dataclass(frozen=True, slots=True)
class Pusher:
    """Pushes to one repository, and insists that it works."""

    client: httpx.AsyncClient
    name: str = "app"

    def at(self, name: str) -> "Pusher":
        """The same for another repository."""
        return Pusher(self.client, name)

    async def blob(self, content: bytes, digest: str = "") -> str:
        """Pushes a blob and returns its digest."""
        digest = digest or digest_of(content)
        done = await self.client.post(f"/v2/{self.name}/blobs/uploads/", params={"digest": digest}, content=content)
        assert done.status_code == 201, done.text
        return digest

    async def put(self, reference: str, manifest: bytes, **headers: str) -> httpx.Response:
        """PUTs a manifest, whatever comes of it."""
        sent = {"Content-Type": type_of(manifest)} | {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.client.put(f"/v2/{self.name}/manifests/{reference}", content=manifest, headers=sent)

    async def manifest(self, manifest: bytes, reference: str = "") -> str:
        """Pushes a manifest, by its digest or by a tag, and returns its digest."""
        done = await self.put(reference or digest_of(manifest), manifest)
        assert done.status_code == 201, done.text
        return digest_of(manifest)

    async def image(self, text: str = "layer", tag: str = "", **more: Any) -> bytes:
        """Pushes an image with its blobs and returns the manifest."""
        manifest = image(b"{}", (text.encode(),), **more)
        await self.blob(b"{}")
        await self.blob(text.encode())
        await self.manifest(manifest, tag)
        return manifest

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """GETs something of this repository."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.client.get(f"/v2/{self.name}/{path}", headers=sent)

    async def delete(self, path: str, **headers: str) -> httpx.Response:
        """DELETEs something of this repository."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.client.delete(f"/v2/{self.name}/{path}", headers=sent)
