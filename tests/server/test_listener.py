"""Connections: how long they may say nothing, and that they are kept."""

import asyncio
from pathlib import Path

import httpx

from regtool.server.app import create_app
from regtool.server.message import Patience
from regtool.server.run import serving


async def test_who_does_not_come_to_the_point_is_hung_up_on(root: Path) -> None:
    async with serving(create_app(root, patience=Patience(head=0.1))) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        for said in (b"", b"GET /v2/ HTTP/1.1\r\nHost: ", b"G"):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(said)

            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()


async def test_dripping_a_head_does_not_help(root: Path) -> None:
    async with serving(create_app(root, patience=Patience(head=0.2))) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        gone = asyncio.create_task(reader.read())
        async with asyncio.timeout(5):
            while not gone.done():
                writer.write(b"X")
                await asyncio.sleep(0.02)
        writer.close()


async def test_a_connection_is_kept_between_requests_longer_than_a_head_may_take(root: Path) -> None:
    async with (
        serving(create_app(root, patience=Patience(head=0.1))) as url,
        httpx.AsyncClient(base_url=url, verify=False, trust_env=False) as client,
    ):
        await client.get("/v2/")
        await asyncio.sleep(0.3)

        assert (await client.get("/v2/")).status_code == 200


async def test_an_answer_has_a_date_and_no_advertisement(client: httpx.AsyncClient) -> None:
    got = await client.get("/v2/")

    assert "date" in got.headers
    assert "server" not in got.headers
