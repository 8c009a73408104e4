#!/usr/bin/env python3
"""Pushes an OCI layout tar into a registry over plain HTTP, with the standard library alone.

    scripts/push_layout.py fixtures/buildx/amd64.attested.oci.tar http://127.0.0.1:5000/java-multi-arch-demo:1.0-x86_64

The demo and the tests fill registries with it. It shares no code with regtool on purpose: what regtool is judged
by must not have regtool's own mistakes.
"""

import base64
import json
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

Descriptor = dict[str, Any]


@dataclass(frozen=True)
class Layout:
    """An OCI layout in memory: what its index.json names, and its blobs by digest."""

    roots: tuple[Descriptor, ...]
    blobs: Mapping[str, bytes]

    @classmethod
    def read(cls, path: Path) -> "Layout":
        """Reads a layout tar, as `docker buildx build -o type=oci` writes it."""
        with tarfile.open(path) as tar:
            files = {member.name: _content(tar, member) for member in tar if member.isfile()}
        blobs = {_digest(content): content for name, content in files.items() if name.startswith("blobs/")}
        return cls(tuple(json.loads(files["index.json"])["manifests"]), blobs)

    def children(self, descriptor: Descriptor) -> list[Descriptor]:
        """The manifests that an index lists; nothing for an image."""
        return list(self._document(descriptor).get("manifests", []))

    def content_of(self, descriptor: Descriptor) -> list[Descriptor]:
        """The configuration and the layers of an image; nothing for an index."""
        document = self._document(descriptor)
        return [document["config"], *document["layers"]] if "config" in document else []

    def _document(self, descriptor: Descriptor) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.blobs[descriptor["digest"]])
        return document


@dataclass
class Registry:
    """One registry, spoken to over one connection; `credentials` are `user:password` for Basic."""

    url: str
    credentials: str | None = None
    _connection: HTTPConnection = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._connection = HTTPConnection(urlsplit(self.url).netloc, timeout=30)

    def push(self, layout: Layout, repository: str, tag: str) -> str:
        """Pushes what the layout holds, children first, and the last step is the tag. Returns the digest."""
        if len(layout.roots) != 1:
            raise ValueError(f"the layout holds {len(layout.roots)} images, not one")
        (root,) = layout.roots
        self._push_below(layout, repository, root)
        return self.put_manifest(repository, tag, root["mediaType"], layout.blobs[root["digest"]])

    def put_manifest(self, repository: str, reference: str, media_type: str, content: bytes) -> str:
        """Writes one manifest under a tag or a digest, and returns its digest."""
        path = f"/v2/{repository}/manifests/{reference}"
        self.request("PUT", path, content, {"Content-Type": media_type}, expect=201)
        return _digest(content)

    def put_blob(self, repository: str, content: bytes) -> str:
        """Uploads one blob unless it is there already, and returns its digest."""
        digest = _digest(content)
        if self.request("HEAD", f"/v2/{repository}/blobs/{digest}").status == 200:
            return digest
        opened = self.request("POST", f"/v2/{repository}/blobs/uploads/", expect=202)
        location = urlsplit(opened.headers["Location"])
        path = f"{location.path}?{location.query + '&' if location.query else ''}digest={quote(digest)}"
        self.request("PUT", path, content, {"Content-Type": "application/octet-stream"}, expect=201)
        return digest

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        expect: int | None = None,
    ) -> HTTPResponse:
        """Sends one request and reads its answer to the end. Raises RuntimeError unless the status is `expect`."""
        self._connection.request(method, path, body, {**self._authorization(), **(headers or {})})
        response = self._connection.getresponse()
        said = response.read().decode(errors="replace")
        if expect is not None and response.status != expect:
            raise RuntimeError(f"{method} {self.url}{path}: {response.status}, not {expect}: {said}")
        return response

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def _push_below(self, layout: Layout, repository: str, parent: Descriptor) -> None:
        for blob in layout.content_of(parent):
            self.put_blob(repository, layout.blobs[blob["digest"]])
        for child in layout.children(parent):
            self._push_below(layout, repository, child)
            self.put_manifest(repository, child["digest"], child["mediaType"], layout.blobs[child["digest"]])

    def _authorization(self) -> dict[str, str]:
        if self.credentials is None:
            return {}
        return {"Authorization": f"Basic {base64.b64encode(self.credentials.encode()).decode()}"}


def push_layout(path: Path, url: str, repository: str, tag: str, credentials: str | None = None) -> str:
    """Pushes the layout tar at `path` to `repository:tag` in the registry at `url`, and returns its digest."""
    registry = Registry(url, credentials)
    try:
        return registry.push(Layout.read(path), repository, tag)
    finally:
        registry.close()


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    if file is None:
        raise ValueError(f"{member.name}: not a plain file")
    return file.read()


def _digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


def main() -> None:
    """Pushes the tar that the first argument names to where the second one says."""
    if len(sys.argv) != 3:
        sys.exit("usage: push_layout.py LAYOUT.tar http://host:port/repository:tag")
    target = urlsplit(sys.argv[2])
    repository, _, tag = target.path.strip("/").rpartition(":")
    print(push_layout(Path(sys.argv[1]), f"{target.scheme}://{target.netloc}", repository, tag))


if __name__ == "__main__":
    main()
