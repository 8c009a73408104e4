"""Proxies: which requests go through one, and how."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import pytest
import trustme

from regtool.errors import UnreachableError, UsageError
from regtool.transport.origin import Origin
from regtool.transport.proxy import ProxyRules, ProxyServer
from tests.transport.fixtures import Recorded, bare, get
from tests.transport.scripted import Scripted, Seen, answer, refusal
from tests.transport.test_tls import speaking


def origin(url: str) -> Origin:
    scheme, _, authority = url.partition("://")
    return Origin.parse(scheme, authority)


PROXY = {"HTTP_PROXY": "http://proxy:3128", "HTTPS_PROXY": "http://proxy:3129"}


@pytest.mark.parametrize(
    ("environ", "url", "proxied"),
    [
        ({}, "https://r.io", None),
        (PROXY, "https://r.io", 3129),
        (PROXY, "http://r.io", 3128),
        ({"https_proxy": "proxy:1"} | PROXY, "https://r.io", 1),
        ({"ALL_PROXY": "http://proxy:2"}, "https://r.io", 2),
        ({"ALL_PROXY": "http://proxy:2"} | PROXY, "https://r.io", 3129),
        (PROXY, "http://localhost:5000", None),
        (PROXY, "http://127.9.9.9:5000", None),
        (PROXY, "http://[::1]:5000", None),
        (PROXY | {"NO_PROXY": "*"}, "https://r.io", None),
        (PROXY | {"NO_PROXY": "r.io"}, "https://r.io", None),
        (PROXY | {"NO_PROXY": "r.io"}, "https://sub.r.io", None),
        (PROXY | {"NO_PROXY": ".r.io"}, "https://sub.r.io", None),
        (PROXY | {"NO_PROXY": "*.r.io"}, "https://sub.r.io", None),
        (PROXY | {"NO_PROXY": "r.io"}, "https://other.io", 3129),
        (PROXY | {"NO_PROXY": "r.io"}, "https://evilr.io", 3129),
        (PROXY | {"NO_PROXY": "a, R.IO ,b"}, "https://r.io", None),
        (PROXY | {"NO_PROXY": "r.io:5000"}, "https://r.io:5000", None),
        (PROXY | {"NO_PROXY": "r.io:5000"}, "https://r.io", 3129),
        (PROXY | {"NO_PROXY": "10.0.0.0/8"}, "https://10.1.2.3", None),
        (PROXY | {"NO_PROXY": "10.0.0.0/8"}, "https://11.1.2.3", 3129),
        (PROXY | {"NO_PROXY": "10.1.2.3"}, "https://10.1.2.3:5000", None),
        (PROXY | {"NO_PROXY": "fd00::/8"}, "https://[fd00::1]:5000", None),
        (PROXY | {"NO_PROXY": "[fd00::1]"}, "https://[fd00::1]", None),
        (PROXY | {"NO_PROXY": "[fd00::1]:5000"}, "https://[fd00::1]:5000", None),
        (PROXY | {"NO_PROXY": ",,nonsense:x:y,/"}, "https://r.io", 3129),
        (PROXY | {"no_proxy": "r.io"}, "https://r.io", None),
    ],
)
def test_the_environment_decides(environ: dict[str, str], url: str, proxied: int | None) -> None:
    proxy = ProxyRules.read(environ).proxy_for(origin(url))

    assert (proxy.origin.port if proxy else None) == proxied


def test_a_proxy_may_want_a_password_which_is_never_shown() -> None:
    proxy = ProxyServer.parse("http://user%40x:p%3Aw@proxy.example.com")

    assert proxy.auth == ("user@x", "p:w")
    assert proxy.origin == Origin("http", "proxy.example.com", 80)
    assert "p:w" not in repr(proxy)


@pytest.mark.parametrize(
    "url", ["socks5://u:secret@proxy:1080", "http://u:secret@", "http://u:secret@a b", "http://u:secret@[::", "ftp://x"]
)
def test_what_is_no_usable_proxy_is_an_error_without_the_password(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        ProxyRules.read({"HTTPS_PROXY": url}).proxy_for(origin("https://r.io"))
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(ProxyRules.read({"HTTPS_PROXY": url}))


@pytest.mark.parametrize("url", ["https://localhost:5000", "https://r.io", "http://s.io"])
def test_it_is_no_matter_for_what_is_reached_without_it(url: str) -> None:
    environ = {"ALL_PROXY": "socks5://proxy:1080", "HTTP_PROXY": "http://proxy", "NO_PROXY": "r.io"}

    proxy = ProxyRules.read(environ).proxy_for(origin(url))
    assert (proxy is None) == (url != "http://s.io")


async def test_a_request_in_plain_http_goes_to_the_proxy_whole() -> None:
    async with Scripted(lambda seen: answer(200, b"by proxy")) as proxy:
        settings = bare(plain_http=True, environ={"HTTP_PROXY": f"http://u:p@{proxy.host}"})
        async with Recorded(settings) as client:
            assert (await client.send(get("registry.test", "/v2/x?a=%2f"))).content == b"by proxy"

    assert proxy.targets == ["GET http://registry.test:80/v2/x?a=%2f"]
    assert proxy.seen[0].headers["proxy-authorization"] == "Basic " + base64.b64encode(b"u:p").decode()


class Tunnel:
    """A proxy that connects to one server, whatever it is asked for; `asked` is what it was asked for."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.asked: list[str] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *failure: object) -> None:
        self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode().partition(" HTTP")[0])
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(_pump(reader, to_writer), _pump(to_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


async def test_tls_goes_through_a_tunnel_and_is_checked_against_the_registrys_name(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca")
    async with speaking(authority.issue_cert("registry.test")) as server, Tunnel(server.port) as proxy:
        async with Recorded(bare(ca_file=tmp_path / "ca", environ={"HTTPS_PROXY": proxy.url})) as client:
            assert (await client.send(get("registry.test"))).content == b"secure"

        assert proxy.asked == ["CONNECT registry.test:443"]


@pytest.mark.parametrize("status", [407, 403, 502])
async def test_a_proxy_that_refuses_is_named_as_the_one(status: int) -> None:
    def script(seen: Seen) -> bytes:
        return refusal(status)

    async with Scripted(script) as proxy, Recorded(bare(environ={"HTTPS_PROXY": f"http://{proxy.host}"})) as client:
        with pytest.raises(
            UnreachableError, match=f"the proxy {proxy.host} refuses to connect to registry.test: {status}"
        ) as caught:
            await client.send(get("registry.test"))

    assert ("give its password in HTTPS_PROXY" in str(caught.value)) == (status == 407)


class TestWithTls:
    """A proxy that itself speaks TLS, with a certificate of a private CA."""

    @pytest.fixture
    async def url(self, tmp_path: Path) -> AsyncIterator[str]:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        async with Scripted(lambda seen: refusal(403), context) as proxy:
            yield f"https://{proxy.host}"

    @pytest.mark.parametrize("how", ["ca_file", "SSL_CERT_FILE"])
    async def test_it_is_trusted_by_the_ca_that_is_named(self, url: str, tmp_path: Path, how: str) -> None:
        named: dict[str, Any] = {"ca_file": tmp_path / "ca"} if how == "ca_file" else {}
        environ = {"HTTPS_PROXY": url} | ({} if named else {how: str(tmp_path / "ca")})
        async with Recorded(bare(environ=environ, **named)) as client:
            with pytest.raises(UnreachableError, match="refuses to connect to registry.test: 403"):
                await client.send(get("registry.test"))

    async def test_it_is_the_one_that_is_not_trusted(self, url: str) -> None:
        async with Recorded(bare(environ={"HTTPS_PROXY": url})) as client:
            host = url.removeprefix("https://")
            with pytest.raises(UnreachableError, match=f"the certificate of {host} is not trusted.*--insecure {host}"):
                await client.send(get("registry.test"))

    async def test_its_check_may_be_skipped_like_that_of_a_registry(self, url: str) -> None:
        unchecked = frozenset({url.removeprefix("https://")})
        async with Recorded(bare(environ={"HTTPS_PROXY": url}, insecure=unchecked)) as client:
            with pytest.raises(UnreachableError, match="refuses to connect to registry.test: 403"):
                await client.send(get("registry.test"))


async def test_a_proxy_that_is_not_there_is_an_error_that_names_it() -> None:
    async with Scripted(lambda seen: answer()) as server:
        gone = server.host
    async with Recorded(bare(environ={"HTTPS_PROXY": f"http://user:secret@{gone}"})) as client:
        with pytest.raises(UnreachableError, match=f"cannot connect to the proxy {gone}") as caught:
            await client.send(get("registry.test"))

    assert "secret" not in str(caught.value)


async def test_loopback_is_reached_directly() -> None:
    async with Scripted(lambda seen: answer()) as server, Scripted(lambda seen: answer()) as proxy:
        async with Recorded(bare(environ={"HTTP_PROXY": f"http://{proxy.host}"})) as client:
            await client.send(get(server.host))

    assert (len(server.seen), len(proxy.seen)) == (1, 0)
