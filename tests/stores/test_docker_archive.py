"""What older Docker engines saved, read as images with manifests."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from regtool.errors import ContentError, UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import ArchiveForm, Name, Tag
from regtool.stores.archive import ArchiveStore
from tests.judges import answer_of
from tests.registries import FIXTURES
from tests.stores.archives import archive, closing
from tests.stores.contract import read
from tests.stores.tars import member, tar

__all__ = ["closing"]

LAYER, OTHER = b"a layer, unpacked" * 50, b"another layer" * 50


def config(*layers: bytes, **more: Any) -> bytes:
    ids = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    return json.dumps(
        {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ids}, **more}
    ).encode()


def saved(*rows: dict[str, Any], files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """An archive in the old form."""
    parts = [member(name, content) for name, content in files.items()]
    parts += [member(name, kind=b"2", link=target) for name, target in (links or {}).items()]
    return tar(*parts, member("manifest.json", json.dumps(list(rows)).encode()))


def opened(path: Path, content: bytes | None = None) -> ArchiveStore:
    if content is not None:
        path.write_bytes(content)
    return archive(path, ArchiveForm.DOCKER)


ROW = {"Config": "config.json", "RepoTags": ["demo/app:1.0", "demo/app:latest"], "Layers": ["one/layer.tar"]}
FILES = {"config.json": config(LAYER), "one/layer.tar": LAYER}


async def test_an_image_has_the_digests_of_its_own_configuration(tmp_path: Path) -> None:
    store = opened(tmp_path / "a.tar", saved(ROW, files=FILES))
    found = (await store.manifest(Tag("1.0"))).as_image()

    assert found.config.media_type == types.OCI_CONFIG
    assert found.config.digest == Digest.of(FILES["config.json"])
    assert [layer.digest for layer in found.layers] == [Digest.of(LAYER)]
    assert await read(store, found.layers[0]) == LAYER
    assert await read(store, found.config) == FILES["config.json"]


@pytest.mark.parametrize(
    "name", [Name("demo/app:1.0"), Name("docker.io/demo/app:latest"), Name(), Tag("latest")], ids=str
)
async def test_an_image_is_found_by_every_name_that_it_was_saved_with(tmp_path: Path, name: Name | Tag) -> None:
    store = opened(tmp_path / "a.tar", saved(ROW, files=FILES))

    assert (await store.manifest(name)).media_type == types.OCI_MANIFEST


async def test_the_same_archive_always_gives_the_same_manifest(tmp_path: Path) -> None:
    one = opened(tmp_path / "a.tar", saved(ROW, files=FILES))
    other = opened(tmp_path / "b.tar", saved(ROW | {"RepoTags": None}, files=dict(reversed(FILES.items()))))

    assert await one.manifest(Tag("1.0")) == await other.manifest(Name())


async def test_a_packed_layer_stays_packed(tmp_path: Path) -> None:
    packed = gzip.compress(LAYER, mtime=0)
    store = opened(tmp_path / "a.tar", saved(ROW, files=FILES | {"one/layer.tar": packed}))
    layer = (await store.manifest(Tag("1.0"))).as_image().layers[0]

    assert layer.media_type == "application/vnd.oci.image.layer.v1.tar+gzip"
    assert layer.digest == Digest.of(packed)
    assert await read(store, layer) == packed


async def test_layers_that_two_images_share_are_links_to_one_file(tmp_path: Path) -> None:
    second = {"Config": "two.json", "RepoTags": ["demo/two:1"], "Layers": ["two/layer.tar", "more/layer.tar"]}
    files = FILES | {"two.json": config(LAYER, OTHER), "more/layer.tar": OTHER}
    store = opened(tmp_path / "a.tar", saved(ROW, second, files=files, links={"two/layer.tar": "../one/layer.tar"}))
    layers = (await store.manifest(Name("demo/two:1"))).as_image().layers

    assert [await read(store, layer) for layer in layers] == [LAYER, OTHER]
    with pytest.raises(UsageError, match=r"holds 2 images; it has 1, 1\.0, latest"):
        await store.manifest(Name())


async def test_a_layer_that_is_not_the_one_of_the_configuration_is_noticed(tmp_path: Path) -> None:
    store = opened(tmp_path / "a.tar", saved(ROW, files=FILES | {"one/layer.tar": LAYER[::-1]}))

    with pytest.raises(ContentError, match="does not match its digest"):
        await read(store, (await store.manifest(Tag("1.0"))).as_image().layers[0])


@pytest.mark.parametrize("media_types", ["docker-mediatypes.oci", "oci"])
async def test_what_skopeo_saves_in_the_old_form_is_the_image_that_it_had(tmp_path: Path, media_types: str) -> None:
    source = f"oci-archive:{FIXTURES}/buildx/amd64.{media_types}.tar"
    answer_of("skopeo", "copy", "-q", source, f"docker-archive:{tmp_path}/old.tar:demo/app:1.0")
    store = opened(tmp_path / "old.tar")
    found = (await store.manifest(Name("demo/app:1.0"))).as_image()
    judged = json.loads(answer_of("skopeo", "inspect", "--raw", f"docker-archive:{tmp_path}/old.tar:demo/app:1.0"))

    assert str(found.config.digest) == judged["config"]["digest"]
    assert [str(layer.digest) for layer in found.layers] == [layer["digest"] for layer in judged["layers"]]
    assert [layer.size for layer in found.layers] == [layer["size"] for layer in judged["layers"]]


async def test_the_layout_in_a_newer_archive_says_more_and_counts(tmp_path: Path) -> None:
    store = opened(FIXTURES / "buildx" / "amd64.docker.tar")

    assert (await store.manifest(Name())).digest == (await store.manifest(Tag("1.0-amd64"))).digest
    assert not (await store.manifest(Name())).is_index


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (saved(ROW, files={"config.json": config(LAYER)}), "holds no file 'one/layer.tar'"),
        (saved(ROW, files={"one/layer.tar": LAYER}), r"holds no file 'config\.json'"),
        (saved(ROW, files={"config.json": config(LAYER, OTHER), "one/layer.tar": LAYER}), "not name as many layers"),
        (saved({"Config": 1, "Layers": []}, files=FILES), "without Config, Layers or RepoTags"),
        (saved({"Config": "config.json", "Layers": [1]}, files=FILES), "without Config, Layers or RepoTags"),
        (saved(ROW | {"RepoTags": "x"}, files=FILES), "without Config, Layers or RepoTags"),
        (tar(member("manifest.json", b"[1]")), "is not a list of images"),
        (tar(member("manifest.json", b"{}")), "not an array"),
        (saved(ROW, files={"config.json": config(LAYER)}, links={"one/layer.tar": "layer.tar"}), "lead nowhere"),
    ],
)
async def test_what_is_not_whole_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(ContentError, match=why):
        await opened(tmp_path / "a.tar", content).manifest(Tag("1.0"))


async def test_an_old_archive_is_not_taken_for_an_oci_one(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(saved(ROW, files=FILES))

    with pytest.raises(UsageError, match="is no OCI archive; write docker-archive:"):
        await archive(tmp_path / "a.tar").manifest(Tag("1.0"))
