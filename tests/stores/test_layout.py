"""What is particular to layouts on the disk; the rest is in the contract."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from regtool.errors import ConflictError, ContentError, NotFoundError, StorageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.stores.layout import LayoutStore
from regtool.stores.protocols import Deletes, Lists, Mounts, Refers, TagsTogether
from tests.judges import answer_of
from tests.registries import FIXTURES, ROOT
from tests.stores.samples import content_of, describe, image, index, put, put_image

V1, V2 = Tag("1.0"), Tag("2.0")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "layout"


@pytest.fixture
def store(path: Path) -> LayoutStore:
    return LayoutStore(path)


@pytest.fixture
def file_in_the_way(path: Path) -> Path:
    path.write_text("a file")
    return path


def names_below(path: Path) -> set[str]:
    return {found.name for found in path.rglob("*")}


def unpacked(name: str, path: Path) -> LayoutStore:
    """A layout that BuildKit wrote."""
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-xf", FIXTURES / "buildx" / name, "-C", path], check=True)
    return LayoutStore(path)


def blob_path(path: Path, digest: Digest) -> Path:
    return path / "blobs" / digest.algorithm / digest.hex


def listed(path: Path) -> list[dict[str, object]]:
    manifests: list[dict[str, object]] = json.loads((path / "index.json").read_bytes())["manifests"]
    return manifests


@pytest.mark.parametrize("power", [TagsTogether, Lists, Deletes, Refers])
def test_it_has_every_power_but_mounting(store: LayoutStore, power: type) -> None:
    assert isinstance(store, power)
    assert not isinstance(store, Mounts)


# -- the files


async def test_it_is_what_the_specification_says(store: LayoutStore, path: Path) -> None:
    manifest = await put_image(store, b"layer")
    await store.tag(manifest, V1)

    assert json.loads((path / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    assert listed(path) == [
        {
            "mediaType": types.OCI_MANIFEST,
            "digest": str(manifest.digest),
            "size": len(manifest.content),
            "annotations": {"org.opencontainers.image.ref.name": "1.0"},
        }
    ]
    hexes = {Digest.of(content).hex for content in (b"{}", b"layer", manifest.content)}
    assert {found.name for found in (path / "blobs" / "sha256").iterdir()} == hexes


async def test_an_untagged_manifest_is_listed_too(store: LayoutStore, path: Path) -> None:
    manifest = await put_image(store, b"layer")

    assert listed(path) == [manifest.descriptor.as_json()]


async def test_reading_makes_nothing(store: LayoutStore, path: Path) -> None:
    with pytest.raises(NotFoundError, match=f"^{path}: is no OCI layout; a layout has a file named oci-layout$"):
        await store.manifest(V1)
    with pytest.raises(NotFoundError):
        await store.delete_tag(V1)
    with pytest.raises(NotFoundError):
        await store.delete_manifest(image().digest)

    assert not names_below(path.parent)


async def test_a_failed_write_leaves_nothing_behind(store: LayoutStore, path: Path) -> None:
    with pytest.raises(ContentError):
        await store.put_blob(describe(b"right"), content_of(b"wrong"))

    assert names_below(path) == {"oci-layout", "index.json", "index.json.lock", "blobs"}


async def test_an_unknown_tag_is_answered_with_those_that_there_are(store: LayoutStore, path: Path) -> None:
    await store.tag(await put_image(store, b"layer"), V1)

    with pytest.raises(NotFoundError, match=rf"^{path}:2\.0: .*1\.0"):
        await store.manifest(V2)


@pytest.mark.parametrize("version", ['{"imageLayoutVersion": "2.0.0"}', "{}", "[]", ""])
async def test_a_layout_of_another_version_is_refused(store: LayoutStore, path: Path, version: str) -> None:
    await put_image(store, b"layer")
    (path / "oci-layout").write_text(version)

    with pytest.raises(ContentError, match="oci-layout: "):
        await LayoutStore(path).manifest(V1)


async def test_a_damaged_index_is_refused_and_left_alone(store: LayoutStore, path: Path) -> None:
    manifest = await put_image(store, b"layer")
    (path / "index.json").write_text('{"manifests": 5}')

    with pytest.raises(ContentError, match=r"index\.json: manifests is not a list"):
        await store.tag(manifest, V1)
    assert (path / "index.json").read_text() == '{"manifests": 5}'


async def test_a_file_in_the_way_is_a_matter_of_the_disk(file_in_the_way: Path) -> None:
    with pytest.raises(StorageError, match=str(file_in_the_way)):
        await put(LayoutStore(file_in_the_way), b"blob")


# -- trust


async def test_a_spoilt_blob_never_comes_whole(store: LayoutStore, path: Path) -> None:
    content = b"0123456789" * 300_000
    await put(store, content)
    blob_path(path, Digest.of(content)).write_bytes(b"X" + content[1:])

    received = b""
    with pytest.raises(ContentError, match="does not match its digest"):
        async for chunk in store.blob(describe(content)):
            received += chunk
    assert len(received) < len(content)


@pytest.mark.parametrize("stored", [b"", b"blo", b"blobs"])
async def test_a_blob_of_another_size_is_refused(store: LayoutStore, path: Path, stored: bytes) -> None:
    await put(store, b"blob")
    blob_path(path, Digest.of(b"blob")).write_bytes(stored)

    with pytest.raises(ContentError):
        _ = [chunk async for chunk in store.blob(describe(b"blob"))]
    assert not await store.has_blob(describe(b"blob"))


async def test_a_spoilt_manifest_is_refused(store: LayoutStore, path: Path) -> None:
    manifest = await put_image(store, b"layer")
    blob_path(path, manifest.digest).write_bytes(manifest.content + b" ")

    with pytest.raises(ContentError, match="has digest"):
        await store.manifest(manifest.digest)


async def test_an_entry_that_lies_about_the_type_is_refused(store: LayoutStore, path: Path) -> None:
    manifest = await put_image(store, b"layer")
    entry = manifest.descriptor.as_json() | {"mediaType": types.OCI_INDEX}
    (path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))

    with pytest.raises(ContentError, match="says of itself"):
        await store.manifest(manifest.digest)


@pytest.mark.parametrize("part", ["blob", "algorithm", "blobs", "index.json"])
async def test_no_symlink_is_followed(store: LayoutStore, path: Path, tmp_path: Path, part: str) -> None:
    manifest = await put_image(store, b"layer")
    blob = blob_path(path, manifest.digest)
    victim = {"blob": blob, "algorithm": blob.parent, "blobs": path / "blobs", "index.json": path / "index.json"}[part]
    shutil.move(victim, tmp_path / "elsewhere")
    victim.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ContentError, match="is a symbolic link"):
        await LayoutStore(path).manifest(manifest.digest)


@pytest.mark.parametrize("digest", ["sha256:../../../../etc/passwd", "../../etc:passwd", "sha256:" + "A" * 64, "x"])
async def test_a_digest_that_is_none_leads_nowhere(store: LayoutStore, path: Path, digest: str) -> None:
    await put_image(store, b"layer")
    entry = {"mediaType": types.OCI_MANIFEST, "digest": digest, "size": 1}
    entry["annotations"] = {"org.opencontainers.image.ref.name": "1.0"}
    (path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))

    with pytest.raises(ContentError, match="not a digest"):
        await store.manifest(V1)


async def test_a_manifest_larger_than_any_registry_takes_is_refused(store: LayoutStore, path: Path) -> None:
    large = json.dumps({"schemaVersion": 2, "manifests": [], "padding": "x" * 4 * 1024 * 1024}).encode()
    await put(store, large)

    with pytest.raises(ContentError, match="is larger than 4194304 bytes"):
        await store.manifest(Digest.of(large))


async def test_a_manifest_whose_blob_has_gone_needs_it_again(store: LayoutStore, path: Path) -> None:
    manifest = await put_image(store, b"layer")
    blob_path(path, Digest.of(b"layer")).unlink()

    with pytest.raises(ConflictError, match=str(Digest.of(b"layer"))):
        await store.tag(manifest, V1)


# -- others


async def test_writers_of_several_processes_lose_nothing(store: LayoutStore, path: Path) -> None:
    await put_image(store, b"layer")
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from regtool.model.reference import Tag\n"
        "from regtool.stores.layout import LayoutStore\n"
        "from tests.stores.samples import image\n"
        "async def main():\n"
        "    store = LayoutStore(Path(sys.argv[1]))\n"
        "    for number in range(20):\n"
        "        await store.tag(image(b'layer'), Tag(f'{sys.argv[2]}-{number}'))\n"
        "asyncio.run(main())\n"
    )
    writers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(path), name, cwd=ROOT)
        for name in ("a", "b", "c")
    ]
    for number in range(20):
        await store.tag(image(b"layer"), Tag(f"d-{number}"))

    assert [await writer.wait() for writer in writers] == [0, 0, 0]
    names = {tag.name async for tag in store.tags()}
    assert names == {f"{name}-{number}" for name in "abcd" for number in range(20)}


async def test_what_another_program_writes_is_seen(store: LayoutStore, path: Path) -> None:
    first, second = await put_image(store, b"first"), await put_image(store, b"second")
    await store.tag(first, V1)
    await LayoutStore(path).tag(second, V1)

    assert (await store.manifest(V1)).digest == second.digest


async def test_entries_and_notes_of_others_are_kept(store: LayoutStore, path: Path) -> None:
    manifest = await put_image(store, b"layer")
    strange = {"mediaType": "x/y", "digest": "blake3:00", "size": 1, "annotations": {"theirs": "yes"}}
    document = {"schemaVersion": 2, "manifests": [strange], "annotations": {"of": "others"}, "newer": 1}
    (path / "index.json").write_text(json.dumps(document))

    await store.tag(manifest, V1)

    written = json.loads((path / "index.json").read_bytes())
    assert written["manifests"][0] == strange
    assert (written["annotations"], written["newer"]) == ({"of": "others"}, 1)


async def test_a_layout_of_buildkit_is_read(path: Path) -> None:
    store = unpacked("multi.attested.oci.tar", path)
    (tag,) = [tag async for tag in store.tags()]

    whole = await store.manifest(tag)

    assert len(whole.as_index().manifests) == 6
    for child in whole.as_index().manifests:
        assert (await store.manifest(child.digest)).digest == child.digest
    image_manifest = (await store.manifest(whole.as_index().images[0].digest)).as_image()
    for blob in image_manifest.blobs:
        assert len(b"".join([chunk async for chunk in store.blob(blob)])) == blob.size


async def test_skopeo_reads_what_is_written(store: LayoutStore, path: Path) -> None:
    whole = index(await put_image(store, b"one"), await put_image(store, b"two"))
    await store.tag(whole, V1)
    await store.tag(image(b"one"), V2)

    for tag, manifest in (("1.0", whole), ("2.0", image(b"one"))):
        raw = await asyncio.to_thread(answer_of, "skopeo", "inspect", "--raw", f"oci:{path}:{tag}")
        assert raw == manifest.content


async def test_what_skopeo_writes_is_read(path: Path) -> None:
    tar = FIXTURES / "buildx" / "amd64.oci.tar"
    await asyncio.to_thread(answer_of, "skopeo", "copy", "--quiet", f"oci-archive:{tar}", f"oci:{path}:1.0")

    manifest = await LayoutStore(path).manifest(V1)

    assert manifest.as_image().layers
    await LayoutStore(path).tag(manifest, V2)
    raw = await asyncio.to_thread(answer_of, "skopeo", "inspect", "--raw", f"oci:{path}:2.0")
    assert raw == manifest.content
