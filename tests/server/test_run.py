"""The registry as a program: it starts, says where it is, survives being killed, and stops when it is told."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from regtool.errors import UsageError
from regtool.server.app import create_app
from regtool.server.run import serve, serving
from tests.registries import ROOT
from tests.server.pushing import Pusher, digest_of


@asynccontextmanager
async def program(directory: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    """Runs the registry as a process of its own, and kills it in the end if it still runs."""
    command = [sys.executable, "-m", "regtool.server", str(directory)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    try:
        url = (await asyncio.wait_for(process.stderr.readline(), 20)).decode().strip()
        async with httpx.AsyncClient(base_url=url, verify=False, trust_env=False) as client:
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_client_can_connect_once_the_address_is_announced(tmp_path: Path) -> None:
    async with program(tmp_path) as (process, client):
        assert (await client.get("/v2/")).status_code == 200
        process.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_an_interrupt_ends_it_in_peace(tmp_path: Path) -> None:
    async with program(tmp_path) as (process, _):
        process.send_signal(signal.SIGINT)

        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_killed_in_the_middle_of_an_upload_it_has_lost_nothing(tmp_path: Path) -> None:
    async with program(tmp_path) as (process, client):
        pusher = Pusher(client)
        manifest = await pusher.image(tag="1.0")
        place = (await client.post("/v2/app/blobs/uploads/")).headers["location"]
        await client.patch(place, content=b"x" * 3_000_000)

        async def endless() -> AsyncIterator[bytes]:
            yield b"x" * 3_000_000
            process.kill()
            await process.wait()
            yield b"x" * 10_000_000

        with pytest.raises(httpx.TransportError):
            await client.patch(place, content=endless())

    async with program(tmp_path) as (_, client):
        pusher = Pusher(client)
        assert (await pusher.get("manifests/1.0")).content == manifest
        assert (await pusher.get("tags/list")).json()["tags"] == ["1.0"]

        first = int((await client.get(place)).headers["range"].removeprefix("0-")) + 1
        assert first >= 3_000_000
        whole = b"x" * 7_000_000
        headers = {"Content-Range": f"{first}-{len(whole) - 1}"}
        done = await client.put(place, params={"digest": digest_of(whole)}, content=whole[first:], headers=headers)
        assert done.status_code == 201
        assert (await pusher.get(f"blobs/{digest_of(whole)}")).content == whole


async def test_killed_while_it_writes_it_has_the_old_or_the_new(tmp_path: Path) -> None:
    for attempt in range(3):
        async with program(tmp_path) as (process, client):
            pusher = Pusher(client)
            images = [await pusher.image(f"layer {number}") for number in range(2)]
            await pusher.manifest(images[0], "1.0")

            async def write(pusher: Pusher = pusher, images: list[bytes] = images) -> None:
                for turn in range(10_000):
                    await pusher.manifest(images[turn % 2], "1.0")

            writing = asyncio.create_task(write())
            await asyncio.sleep(0.05 + 0.02 * attempt)
            process.kill()
            with pytest.raises(httpx.TransportError):
                await writing

        async with program(tmp_path) as (_, client):
            assert (await Pusher(client).get("manifests/1.0")).content in images


async def test_an_address_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(UsageError, match=rf"127\.0\.0\.1:{port}: cannot listen there: .*in use"):
            await serve(tmp_path, port=port, announce=print)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "registry.test"])
async def test_what_others_could_reach_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(UsageError, match="others could reach"):
        await serve(tmp_path, host=host, announce=print)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
async def test_an_address_of_another_machine_is_named(tmp_path: Path, host: str) -> None:
    with pytest.raises(UsageError, match=host):
        await serve(tmp_path, host=host, announce=print, anywhere=True)


async def test_without_uvicorn_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "regtool.server.listener", raising=False)

    with pytest.raises(UsageError, match=r"pip install 'regtool\[serve\]'"):
        await serve(tmp_path, announce=print)


async def test_other_connections_are_let_go(tmp_path: Path) -> None:
    async with serving(create_app(tmp_path)) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"nonsense\r\n\r\n")

        assert b"400" in (await asyncio.wait_for(reader.read(), 5)).splitlines()[0]
        writer.close()
