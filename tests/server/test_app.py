"""The application around the routes: what it does when something is wrong, and what it tells of its work."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from regtool.errors import StorageError
from regtool.server.app import Answered, create_app
from regtool.server.message import Patience
from regtool.server.run import serving
from tests.judges import answer_of
from tests.registries import FIXTURES
from tests.server.conftest import Listener
from tests.server.pushing import Pusher, codes, digest_of, until

MiB = 1024 * 1024
TAR = "multi.attested.oci.tar"


async def test_a_full_or_broken_disk_is_said_to_the_client(
    client: httpx.AsyncClient, pusher: Pusher, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "app").write_text("a file where a directory should be")

    got = await client.post("/v2/app/blobs/uploads/", params={"digest": digest_of(b"x")}, content=b"x")

    assert (got.status_code, codes(got)) == (507, ["UNKNOWN"])
    assert str(root / "app") in got.text
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert not list((root / "_uploads").iterdir())


async def test_a_damaged_index_is_said_to_the_client(client: httpx.AsyncClient, pusher: Pusher, root: Path) -> None:
    await pusher.image(tag="1.0")
    (root / "app" / "index.json").write_text('{"manifests": 5}')

    got = await client.get("/v2/app/tags/list")

    assert (got.status_code, codes(got)) == (500, ["UNKNOWN"])
    assert "index.json" in got.text


async def test_a_defect_is_logged_and_not_shown(
    client: httpx.AsyncClient, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    app = listener.switchboard.current
    assert app is not None
    app._routes = (None,)  # type: ignore[assignment]

    got = await client.get("/v2/")

    assert (got.status_code, codes(got)) == (500, ["UNKNOWN"])
    assert "AttributeError" not in got.text
    assert "AttributeError" in caplog.text


async def test_every_answer_is_told_as_it_would_be_logged(
    client: httpx.AsyncClient, listener: Listener, root: Path
) -> None:
    told: list[Answered] = []
    listener.switchboard.current = create_app(root, listen=told.append)

    await client.get("/v2/app/tags/list", params={"n": "5", "last": "ä b"})
    await client.head("/v2/")

    assert [str(answered) for answered in told] == [
        '127.0.0.1 "GET /v2/app/tags/list?n=5&last=%C3%A4+b HTTP/1.1" 404',
        '127.0.0.1 "HEAD /v2/ HTTP/1.1" 200',
    ]


async def test_without_a_directory_there_is_one_for_as_long_as_it_lasts(
    pusher: Pusher, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    app = listener.switchboard.current = create_app(None)
    manifest = await pusher.image(tag="1.0")
    assert (await pusher.get("manifests/1.0")).content == manifest
    assert list((tmp_path / "temporary").iterdir())

    app.close()

    assert not list((tmp_path / "temporary").iterdir())


def written(folder: Path) -> dict[Path, int]:
    """Every file below a folder, and when it was written."""
    return {file: file.stat().st_mtime_ns for file in folder.rglob("*")}


class TestALayoutOfAnotherTool:
    """It is served as it lies: read, and not written to."""

    @pytest.fixture
    def layout(self, tmp_path: Path) -> Path:
        """A layout that skopeo wrote, in a folder whose name no repository can have."""
        layout = tmp_path / "My App"
        answer_of("skopeo", "copy", "-q", "--all", f"oci-archive:{FIXTURES / 'buildx' / TAR}", f"oci:{layout}:1.0")
        return layout

    @pytest.fixture
    async def reader(self, layout: Path) -> AsyncIterator[Pusher]:
        async with (
            serving(create_app(layout)) as url,
            httpx.AsyncClient(base_url=url, verify=False, trust_env=False) as client,
        ):
            yield Pusher(client, "my-app")

    async def test_is_the_only_repository_and_named_after_its_folder(self, reader: Pusher, layout: Path) -> None:
        raw = answer_of("skopeo", "inspect", "--raw", f"oci:{layout}:1.0")

        assert (await reader.client.get("/v2/_catalog")).json()["repositories"] == ["my-app"]
        assert (await reader.get("tags/list")).json()["tags"] == ["1.0"]
        assert (await reader.get("manifests/1.0")).content == raw
        assert codes(await reader.at("other").get("tags/list")) == ["NAME_UNKNOWN"]

    async def test_is_pulled_whole(self, reader: Pusher, tmp_path: Path) -> None:
        name = f"docker://{reader.client.base_url.netloc.decode()}/my-app:1.0"
        pulled = f"oci:{tmp_path / 'pulled'}:1.0"
        await asyncio.to_thread(answer_of, "skopeo", "copy", "-q", "--all", "--src-tls-verify=false", name, pulled)

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "blobs/uploads/"),
            ("PATCH", "blobs/uploads/00000000-0000-0000-0000-000000000000"),
            ("PUT", "manifests/2.0"),
            ("DELETE", "manifests/1.0"),
            ("DELETE", f"blobs/{digest_of(b'x')}"),
        ],
    )
    async def test_refuses_what_would_write_and_stays_as_it_was(
        self, reader: Pusher, layout: Path, method: str, path: str
    ) -> None:
        before = written(layout)

        refused = await reader.client.request(method, f"/v2/my-app/{path}", content=b"{}")

        assert (refused.status_code, codes(refused)) == (405, ["UNSUPPORTED"])
        assert "read-only" in refused.text
        assert written(layout) == before


def test_a_file_is_no_directory_to_serve(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(StorageError, match=str(tmp_path / "file")):
        create_app(tmp_path / "file")


async def test_manifests_without_their_parts_are_taken_if_that_is_wanted(
    pusher: Pusher, listener: Listener, root: Path
) -> None:
    listener.switchboard.current = create_app(root, strict=False)
    manifest = b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [%s]}'
    child = b'{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:%s", "size": 9}' % (
        b"0" * 64
    )

    await pusher.manifest(manifest % child, "1.0")

    assert (await pusher.get("manifests/1.0")).content == manifest % child


async def test_a_body_that_stops_is_not_waited_for(root: Path) -> None:
    app = create_app(root, patience=Patience(body=0.1))
    async with serving(app) as url, httpx.AsyncClient(base_url=url, verify=False, trust_env=False) as client:
        place = (await client.post("/v2/app/blobs/uploads/")).headers["location"]
        reader, writer = await half_a_patch(url, place, b"x" * 40)
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).lower()

        writer.close()

        assert head.startswith(b"http/1.1 408 ")
        assert b"connection: close" in head
        assert (await client.get(place)).headers["range"] == "0-39"  # what came is there


async def test_a_client_that_hangs_up_leaves_what_it_sent(client: httpx.AsyncClient, listener: Listener) -> None:
    place = (await client.post("/v2/app/blobs/uploads/")).headers["location"]
    _, writer = await half_a_patch(listener.url, place, b"x" * 3 * MiB)

    async def size() -> int:
        return int((await client.get(place)).headers["range"].removeprefix("0-")) + 1

    async def a_mebibyte_is_there() -> bool:
        return await size() >= MiB

    async def the_next_byte_is_taken() -> bool:
        at = await size()
        return (await client.patch(place, content=b"x", headers={"Content-Range": f"{at}-{at}"})).status_code == 202

    await until(a_mebibyte_is_there)
    writer.close()
    await until(the_next_byte_is_taken)  # refused while the rest of what came is still being written

    done = await client.put(place, params={"digest": digest_of(b"x" * await size())})
    assert done.status_code == 201


async def half_a_patch(url: str, place: str, content: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Sends a PATCH whose body is longer than what comes of it."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"PATCH {place} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {10 * MiB}\r\n\r\n".encode() + content)
    await writer.drain()
    return reader, writer
