"""Archives as stores: read in place, written whole or not at all, by one writer or two."""

import asyncio
import io
import resource
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from regtool.documents.descriptor import Descriptor
from regtool.errors import ContentError, NotFoundError, StorageError, UsageError
from regtool.model.digest import Digest
from regtool.model.reference import ArchiveForm, Name, Tag
from regtool.stores.archive import ArchiveStore
from tests.judges import answer_of
from tests.registries import FIXTURES
from tests.stores.archives import archive, closing
from tests.stores.contract import read
from tests.stores.samples import LAYER, content_of, describe, image, index, put, put_image
from tests.stores.tars import member, tar

__all__ = ["closing"]

V1, V2 = Tag("1.0"), Tag("2.0")
BUILT = FIXTURES / "buildx" / "amd64.attested.oci.tar"


async def written(path: Path, *layers: bytes, tag: Tag = V1) -> ArchiveStore:
    """An archive with one image in it, committed."""
    store = archive(path)
    await store.tag(await put_image(store, *layers), tag)
    await store.commit()
    return store


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestReading:
    async def test_what_buildx_exported_is_read_where_it_lies(self) -> None:
        store = archive(BUILT)
        found = await store.manifest(Tag("1.0-amd64"))

        assert found == await store.manifest(Name())
        assert found.digest == (await store.manifest(Name("demo/java-multi-arch-demo:1.0-amd64"))).digest
        assert found.is_index

    async def test_content_that_was_altered_is_noticed(self, tmp_path: Path) -> None:
        path = tmp_path / "images.tar"
        content = BUILT.read_bytes()
        path.write_bytes(content.replace(b"APP_ARCH=amd64", b"APP_ARCH=AMD64"))
        store = archive(path)
        child = (await store.manifest(Name())).as_index().images[0]
        config = (await store.manifest(child.digest)).as_image().config

        with pytest.raises(ContentError, match="does not match its digest"):
            await read(store, config)

    async def test_a_file_that_is_not_there_is_said_to_be_missing(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match=r"images\.tar: there is no such file"):
            await archive(tmp_path / "images.tar").manifest(V1)

    async def test_a_folder_is_no_archive(self, tmp_path: Path) -> None:
        with pytest.raises((ContentError, StorageError), match="not a regular file|is a directory"):
            await archive(tmp_path).manifest(V1)

    async def test_another_tar_is_no_archive_of_images(self, tmp_path: Path) -> None:
        (tmp_path / "a.tar").write_bytes(tar(member("README", b"hello")))

        with pytest.raises(ContentError, match="is no archive of images"):
            await archive(tmp_path / "a.tar").manifest(V1)

    async def test_an_index_that_is_a_link_is_refused(self, tmp_path: Path) -> None:
        marker = member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        (tmp_path / "a.tar").write_bytes(tar(marker, member("index.json", kind=b"2", link="other.json")))

        with pytest.raises(ContentError, match=r"index\.json in .*: is a link"):
            await archive(tmp_path / "a.tar").manifest(V1)

    @pytest.mark.parametrize("name", ["blobs/sha256/../../../x", "blobs/sha256/ABC", "blobs/md5/" + "0" * 32])
    async def test_a_blob_has_no_other_name_than_its_digest(self, tmp_path: Path, name: str) -> None:
        marker = member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        listing = member("index.json", b'{"schemaVersion":2,"manifests":[]}')
        (tmp_path / "a.tar").write_bytes(tar(marker, listing, member(name.replace("..", "x"), b"content")))

        assert not await archive(tmp_path / "a.tar").has_manifest(Digest.of(b"content"))

    async def test_a_link_to_an_archive_is_followed_also_for_writing(self, tmp_path: Path) -> None:
        await written(tmp_path / "v1.tar", b"layer")
        (tmp_path / "latest.tar").symlink_to("v1.tar")
        store = archive(tmp_path / "latest.tar")
        await store.tag(await store.manifest(V1), V2)
        await store.commit()

        assert (tmp_path / "latest.tar").is_symlink()
        assert [tag async for tag in archive(tmp_path / "v1.tar").tags()] == [V1, V2]


class TestWriting:
    async def test_skopeo_and_tar_read_what_was_committed(self, tmp_path: Path) -> None:
        store = await written(tmp_path / "images.tar", b"layer")

        raw = answer_of("skopeo", "inspect", "--raw", f"oci-archive:{tmp_path}/images.tar:1.0")
        with tarfile.open(tmp_path / "images.tar") as judge:
            names = judge.getnames()

        assert raw == (await store.manifest(V1)).content
        assert names[-2:] == ["index.json", "oci-layout"]
        assert len(names) == 3 + 2

    async def test_a_sha512_has_a_name_that_others_find_too(self, tmp_path: Path) -> None:
        store = archive(tmp_path / "images.tar")
        blob = describe(b"content", algorithm="sha512")
        await store.put_blob(blob, content_of(b"content"))
        await store.tag(await put_image(store), V1)
        await store.commit()

        with tarfile.open(tmp_path / "images.tar") as judge:
            found = judge.extractfile(f"blobs/sha512/{blob.digest.hex}")
            assert found
            assert found.read() == b"content"

    async def test_nothing_is_there_before_the_commit(self, tmp_path: Path) -> None:
        store = archive(tmp_path / "images.tar")
        manifest = await put_image(store, b"layer")
        await store.tag(manifest, V1)

        assert not (tmp_path / "images.tar").exists()
        assert await store.manifest(V1) == manifest
        store.close()
        assert names_in(tmp_path) == []

    async def test_a_commit_without_anything_new_leaves_the_file_alone(self, tmp_path: Path) -> None:
        store = await written(tmp_path / "images.tar", b"layer")
        before = (tmp_path / "images.tar").stat()
        await store.manifest(V1)
        await store.commit()

        assert (tmp_path / "images.tar").stat() == before

    async def test_what_was_there_stays(self, tmp_path: Path) -> None:
        first = await written(tmp_path / "images.tar", b"one")
        before = await first.manifest(V1)
        second = await written(tmp_path / "images.tar", b"two", tag=V2)

        assert await second.manifest(V1) == before
        assert [tag async for tag in second.tags()] == [V1, V2]
        assert names_in(tmp_path) == ["images.tar"]

    async def test_two_writers_lose_nothing(self, tmp_path: Path) -> None:
        stores = [archive(tmp_path / "images.tar") for _ in range(4)]
        for number, store in enumerate(stores):
            await store.tag(await put_image(store, f"layer {number}".encode()), Tag(f"v{number}"))
        await asyncio.gather(*(store.commit() for store in stores))

        assert [tag.name async for tag in archive(tmp_path / "images.tar").tags()] == ["v0", "v1", "v2", "v3"]
        assert names_in(tmp_path) == ["images.tar"]

    async def test_a_reader_keeps_the_archive_that_it_opened(self, tmp_path: Path) -> None:
        await written(tmp_path / "images.tar", b"one")
        reader = archive(tmp_path / "images.tar")
        before = await reader.manifest(V1)
        await written(tmp_path / "images.tar", b"two", tag=V1)

        assert await reader.manifest(V1) == before
        assert await read(reader, before.as_image().layers[0]) == b"one"

    async def test_blobs_that_come_at_the_same_time_do_not_mix(self, tmp_path: Path) -> None:
        store = archive(tmp_path / "images.tar")
        layers = [bytes([number]) * 70_000 for number in range(8)]

        async def place(layer: bytes) -> None:
            chunks = [layer[start : start + 1000] for start in range(0, len(layer), 1000)]
            await store.put_blob(describe(layer), content_of(*chunks))

        await asyncio.gather(*(place(layer) for layer in [*layers, *layers]))
        await put(store, b"{}")
        await store.tag(image(*layers), V1)
        await store.commit()

        assert [await read(store, describe(layer)) for layer in layers] == layers
        with tarfile.open(tmp_path / "images.tar") as judge:
            blobs = [name for name in judge.getnames() if name.startswith("blobs/")]
            assert len(blobs) == len(set(blobs)) == 8 + 2

    async def test_a_blob_that_failed_leaves_no_trace_in_the_index(self, tmp_path: Path) -> None:
        store = archive(tmp_path / "images.tar")
        with pytest.raises(ContentError):
            await store.put_blob(Descriptor.of(LAYER, Digest.of(b"right"), 5), content_of(b"wrong"))
        await store.tag(await put_image(store, b"layer"), V1)
        await store.commit()

        reader = archive(tmp_path / "images.tar")
        assert not await reader.has_blob(describe(b"right"))
        assert await reader.has_blob(describe(b"layer"))

    async def test_a_list_stands_for_its_images(self, tmp_path: Path) -> None:
        store = archive(tmp_path / "images.tar")
        whole = index(await put_image(store, b"one"), await put_image(store, b"two"))
        await store.tag(whole, V1)
        await store.commit()

        assert await archive(tmp_path / "images.tar").manifest(Name()) == whole
        raw = answer_of("skopeo", "inspect", "--raw", f"oci-archive:{tmp_path}/images.tar")
        assert raw == whole.content

    async def test_a_docker_archive_is_not_written(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="docker archives are only read"):
            await put(archive(tmp_path / "images.tar", ArchiveForm.DOCKER), b"layer")

    async def test_a_file_that_is_no_archive_is_not_written_over(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("mine")

        with pytest.raises(ContentError, match="ends without the mark"):
            await put(archive(tmp_path / "notes.txt"), b"layer")
        assert (tmp_path / "notes.txt").read_text() == "mine"

    async def test_what_the_disk_refuses_names_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        with pytest.raises(StorageError, match="file"):
            await put(archive(tmp_path / "file" / "images.tar"), b"layer")


class TestWhatACutOffWriterLeaves:
    LARGE = describe(bytes(2_000_000))

    async def test_is_taken_over_by_the_next_and_gone_when_that_is_done(self, tmp_path: Path) -> None:
        first = archive(tmp_path / "images.tar")
        await first.put_blob(self.LARGE, content_of(bytes(2_000_000)))
        first.close()
        (left,) = names_in(tmp_path)
        second = archive(tmp_path / "images.tar")
        await second.put_blob(self.LARGE, nothing)
        await second.tag(await put_image(second), V1)
        await second.commit()

        assert left.startswith(".images.tar.part-")
        assert await read(second, self.LARGE) == bytes(2_000_000)
        assert names_in(tmp_path) == ["images.tar"]

    async def test_is_not_trusted(self, tmp_path: Path) -> None:
        first = archive(tmp_path / "images.tar")
        await first.put_blob(self.LARGE, content_of(bytes(2_000_000)))
        first.close()
        (left,) = names_in(tmp_path)
        with (tmp_path / left).open("r+b") as file:
            file.seek(1_000_000)
            file.write(b"x")
        second = archive(tmp_path / "images.tar")
        await second.put_blob(self.LARGE, content_of(bytes(2_000_000)))

        assert await read(second, self.LARGE) == bytes(2_000_000)

    async def test_is_no_link_to_something_else(self, tmp_path: Path) -> None:
        (tmp_path / "mine.tar").write_bytes(tar(member("mine", b"content")))
        (tmp_path / ".images.tar.part-link").symlink_to("mine.tar")
        store = await written(tmp_path / "images.tar", b"layer")

        assert await store.has_blob(describe(b"layer"))
        assert (tmp_path / "mine.tar").exists()

    async def test_stays_where_it_cannot_be_removed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        left = tmp_path / ".images.tar.part-of-another-user"
        left.write_bytes(tar(member("blobs/sha256/x", b"content")))
        unlink = Path.unlink

        def refuse(path: Path, missing_ok: bool = False) -> None:
            if path == left:
                raise PermissionError
            unlink(path, missing_ok=missing_ok)

        monkeypatch.setattr(Path, "unlink", refuse)
        store = await written(tmp_path / "images.tar", b"layer")

        assert await store.has_blob(describe(b"layer"))
        assert left.exists()

    async def test_does_not_pile_up(self, tmp_path: Path) -> None:
        for _ in range(4):
            store = archive(tmp_path / "images.tar")
            await store.put_blob(self.LARGE, content_of(bytes(2_000_000)))
            store.close()

        assert len(names_in(tmp_path)) <= 2

    async def test_is_not_there_while_the_writer_lives(self, tmp_path: Path) -> None:
        first, second = (archive(tmp_path / "images.tar") for _ in range(2))
        await first.put_blob(self.LARGE, content_of(bytes(2_000_000)))
        await second.tag(await put_image(second, b"two"), V2)
        await second.commit()
        await first.tag(await put_image(first, b"one"), V1)
        await first.commit()

        assert [tag async for tag in archive(tmp_path / "images.tar").tags()] == [V1, V2]
        assert await read(archive(tmp_path / "images.tar"), self.LARGE) == bytes(2_000_000)

    async def test_is_nothing_where_the_disk_is_full(self, tmp_path: Path) -> None:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        store = archive(tmp_path / "images.tar")
        await store.put_blob(self.LARGE, content_of(bytes(2_000_000)))
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, before[1]))
        try:
            with pytest.raises(StorageError, match="file too large"):
                await put(store, b"x" * 2_000_000)
            store.close()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

        assert names_in(tmp_path) == []


def nothing() -> AsyncIterator[bytes]:
    """Content that must not be asked for."""
    raise AssertionError


def test_the_members_are_the_same_for_everybody(tmp_path: Path) -> None:
    """No user, no time, no mode of this machine is in an archive."""
    asyncio.run(_written_and_closed(tmp_path / "a.tar"))
    asyncio.run(_written_and_closed(tmp_path / "b.tar"))

    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "a.tar").read_bytes())) as judge:
        assert {(one.uid, one.gid, one.mtime, one.mode) for one in judge} == {(0, 0, 0, 0o644)}


async def _written_and_closed(path: Path) -> None:
    (await written(path, b"layer")).close()
