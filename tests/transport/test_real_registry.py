"""The client against distribution, as Debian ships it: without a password, with one, and with tokens over TLS."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trustme

from regtool.errors import DeniedError, NotFoundError
from regtool.transport.credential import Password
from regtool.transport.events import Answered, TokenAsked
from regtool.transport.problem import error_for
from regtool.transport.scope import Scope
from tests.registries import RunningRegistry
from tests.transport.distribution import registry_with_tokens, server_context
from tests.transport.fixtures import Recorded, ask, bare, body_of, get
from tests.transport.scripted import Scripted
from tests.transport.token_service import SigningService

BLOB = b"layer" * 50_000
DIGEST = f"sha256:{hashlib.sha256(BLOB).hexdigest()}"
PUSH = (Scope.push("app"),)


async def upload_and_read(client: Recorded, host: str) -> bytes:
    """One blob there and back, as a push and a pull do it."""
    started = await client.send(ask("POST", host, "/v2/app/blobs/uploads/", scopes=PUSH))
    assert started.status == 202, started.content
    place = started.headers["location"]
    url = f"{place}{'&' if '?' in place else '?'}digest={DIGEST}"
    body = body_of(*(BLOB[start : start + 65536] for start in range(0, len(BLOB), 65536)))
    octets = {"Content-Type": "application/octet-stream"}
    assert (await client.send(ask("PUT", host, url, scopes=PUSH, body=body, headers=octets))).status == 201
    async with client.stream(get(host, f"/v2/app/blobs/{DIGEST}")) as stream:
        assert stream.status == 200
        return b"".join([chunk async for chunk in stream.chunks()])


async def test_a_blob_goes_there_and_comes_back(debian_registry: RunningRegistry) -> None:
    async with Recorded() as client:
        assert await upload_and_read(client, debian_registry.host) == BLOB
        missing = await client.send(get(debian_registry.host, "/v2/app/manifests/none"))

    error = error_for(missing, "app:none")
    assert isinstance(error, NotFoundError)
    assert "MANIFEST_UNKNOWN: manifest unknown" in str(error)


async def test_the_same_with_a_password(htpasswd_registry: RunningRegistry) -> None:
    assert htpasswd_registry.credentials
    password = Password(*htpasswd_registry.credentials.split(":"))
    async with Recorded(bare(credentials={htpasswd_registry.host: password})) as client:
        assert await upload_and_read(client, htpasswd_registry.host) == BLOB

    assert [event.status for event in client.told(Answered)].count(401) == 1


async def test_without_the_password_it_is_denied(htpasswd_registry: RunningRegistry) -> None:
    async with Recorded() as client:
        response = await client.send(get(htpasswd_registry.host))

    error = error_for(response, "app:1.0")
    assert isinstance(error, DeniedError)
    assert "log in with: regtool login" in str(error)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    """A private CA and its certificate in a file."""
    ca, path = trustme.CA(), tmp_path_factory.mktemp("tls") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return ca, path


class TestTokensOverTls:
    """Distribution with a private CA, and a token server beside it."""

    @pytest.fixture
    async def run(
        self, authority: tuple[trustme.CA, Path], tmp_path: Path
    ) -> AsyncIterator[tuple[str, str, SigningService, Path]]:
        """The registry, its token server, and the CA of both."""
        ca, ca_file = authority
        service = SigningService(tmp_path, users={"alice": "canary"})
        certificate = ca.issue_cert("127.0.0.1")
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(Scripted(service, server_context(certificate)))
            realm = f"https://{server.host}/token"
            host = stack.enter_context(registry_with_tokens(tmp_path, certificate, service.bundle, realm))
            yield host, server.host, service, ca_file

    async def test_a_push_and_a_pull_need_one_token(self, run: tuple[str, str, SigningService, Path]) -> None:
        host, server, service, ca_file = run
        settings = bare(
            ca_file=ca_file,
            credentials={host: Password("alice", "canary")},
            auth_realms={host: frozenset({server})},
        )
        async with Recorded(settings) as client:
            assert await upload_and_read(client, host) == BLOB

        assert service.asked == [["repository:app:pull,push"]]
        assert [(asked.registry, asked.account) for asked in client.told(TokenAsked)] == [(host, "alice")]
        assert "canary" not in repr(client.events)

    async def test_wrong_credentials_are_denied_by_the_token_server(
        self, run: tuple[str, str, SigningService, Path]
    ) -> None:
        host, server, _, ca_file = run
        wrong = {host: Password("alice", "wrong")}
        settings = bare(ca_file=ca_file, credentials=wrong, auth_realms={host: frozenset({server})})
        async with Recorded(settings) as client:
            with pytest.raises(DeniedError, match=f"the token server {server} answers alice"):
                await client.send(get(host))

    async def test_credentials_are_not_sent_to_a_token_server_that_nobody_allowed(
        self, run: tuple[str, str, SigningService, Path]
    ) -> None:
        host, server, service, ca_file = run
        async with Recorded(bare(ca_file=ca_file, credentials={host: Password("alice", "canary")})) as client:
            response = await client.send(get(host))

        assert f"--auth-realm {host}={server}" in str(error_for(response, "app:1.0"))
        assert all("authorization" not in seen.headers for seen in service.seen)
