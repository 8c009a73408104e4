"""Publishes the broken lists of `fixtures/broken` into a registry, as bytes, without any code of regtool."""

import gzip
import json
from dataclasses import dataclass, field
from hashlib import sha256

from scripts.push_layout import Layout, Registry
from tests.registries import FIXTURES, RunningRegistry

FOLDER = FIXTURES / "broken"
TAG, OTHER_TAG = "1.0", "0.9"


@dataclass(frozen=True)
class Broken:
    """One broken list: its bytes, what has to be in the registry for it, and what is taken away afterwards.

    `push` are tars of `fixtures/buildx`, `children` images of `fixtures/broken/children`. `audit` and `repair` are the
    options that the commands need to see it; `repairs` says whether a repair mends it. `twice` gives it a second tag.
    """

    code: str
    index: str
    push: list[str]
    children: list[str] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)
    delete_blobs: list[str] = field(default_factory=list)
    audit: list[str] = field(default_factory=list)
    repair: list[str] = field(default_factory=list)
    repairs: bool = False
    twice: bool = False

    @property
    def content(self) -> bytes:
        """The list."""
        content = (FOLDER / self.index).read_bytes()
        return gzip.decompress(content) if self.index.endswith(".gz") else content

    def publish(self, running: RunningRegistry, repository: str) -> str:
        """Publishes it, and returns its name with the tag."""
        registry = Registry(running.url)
        try:
            self._publish(registry, repository)
        finally:
            registry.close()
        return f"{running.host}/{repository}:{TAG}"

    def _publish(self, registry: Registry, repository: str) -> None:
        for name in self.push:
            registry.push(Layout.read(FIXTURES / "buildx" / name), repository, f"of-{name.partition('.')[0]}")
        for name in self.children:
            registry.put_blob(repository, (FOLDER / "children" / f"{name}.config.json").read_bytes())
            _put(registry, repository, (FOLDER / "children" / f"{name}.json").read_bytes())
        _put(registry, repository, self.content, TAG)
        if self.twice:
            _put(registry, repository, self.content, OTHER_TAG)
        for digest in self.delete:
            registry.request("DELETE", f"/v2/{repository}/manifests/{digest}", expect=202)
        for digest in self.delete_blobs:
            registry.request("DELETE", f"/v2/{repository}/blobs/{digest}", expect=202)


def cases() -> list[Broken]:
    """Every broken list, at least one for each rule."""
    return [Broken(**fields) for fields in json.loads((FOLDER / "cases.json").read_text())]


def _put(registry: Registry, repository: str, content: bytes, reference: str = "") -> None:
    media_type = json.loads(content)["mediaType"]
    registry.put_manifest(repository, reference or f"sha256:{sha256(content).hexdigest()}", media_type, content)
