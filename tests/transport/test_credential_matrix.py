"""Every way to point a client somewhere, times every place, challenge and credential: no secret at a wrong origin.

The registry is hostile: it names the target as its token server, redirects there, or names it as an upload location.
The target asks for credentials in every way there is, and a token server of its own stands ready to take them.
"""

import base64
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from regtool.errors import RegtoolError
from regtool.transport.credential import Credential, IdentityToken, Password, RegistryToken
from regtool.transport.scope import Scope
from tests.transport.distribution import server_context
from tests.transport.fixtures import Recorded, VirtualClock, ask, bare, network
from tests.transport.scripted import Scripted, Seen, answer

CANARY = "canary-s3cret"
GRANTED = "granted-t0ken"  # what the registry's own token server gives for the credentials
ADDRESSES = {
    "registry.example.com": "93.184.216.34", "cdn.example.com": "93.184.216.35", "evil.net": "93.184.216.36",
    "registry.example.com.evil.net": "93.184.216.36", "inside.example.com": "127.0.0.1",
}  # fmt: skip
POINTERS = ["redirect", "location", "realm", "realm after basic", "realm of a redirect"]
TARGETS = [
    "evil.net", "registry.example.com:8443", "cdn.example.com", "registry.example.com.evil.net", "inside.example.com",
    "93.184.216.36", "127.0.0.1", "evil.net:8443",
]  # fmt: skip
CHALLENGES = ["Basic", "Bearer", "Basic and Bearer"]
CREDENTIALS: dict[str, Credential] = {
    "password": Password("alice", CANARY),
    "identity token": IdentityToken(CANARY, "alice"),
    "registry token": RegistryToken(CANARY),
}
SCHEMES = ["http", "https"]
CASES = list(itertools.product(POINTERS, TARGETS, CHALLENGES, CREDENTIALS, SCHEMES))
# Over https a host under the same registrable domain may be the token server.
ENTITLED = set(itertools.product(["realm", "realm after basic"], ["cdn.example.com", "registry.example.com:8443"]))
SECRETS = [CANARY, GRANTED, base64.b64encode(f"alice:{CANARY}".encode()).decode()]


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    authority, path = trustme.CA(), tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return authority, path


@pytest.fixture(params=SCHEMES)
async def servers(
    request: pytest.FixtureRequest, ca: tuple[trustme.CA, Path]
) -> AsyncIterator[tuple[str, Scripted, Scripted]]:
    """The scheme, the registry, and the server that is every target."""
    names = [*ADDRESSES, *sorted(set(ADDRESSES.values()))]
    tls = server_context(ca[0].issue_cert(*names)) if request.param == "https" else None
    async with Scripted(lambda seen: answer(), tls) as registry, Scripted(lambda seen: answer(), tls) as target:
        yield request.param, registry, target


def headers_for(challenge: str, realm: str) -> list[tuple[str, str]]:
    asked = {"Basic": 'Basic realm="x"', "Bearer": f'Bearer realm="{realm}",service="s",scope="repository:app:pull"'}
    return [("WWW-Authenticate", asked[word]) for word in challenge.split(" and ") if word in asked]


def hostile(pointer: str, scheme: str, target: str) -> tuple[str, list[tuple[str, str]]]:
    """Where the registry points, and the headers that it challenges with."""
    url = f"{scheme}://{target}/taken"
    if pointer == "realm":
        return url, headers_for("Bearer", url)
    if pointer == "realm after basic":
        return url, headers_for("Basic and Bearer", url)
    return url, headers_for("Bearer", f"{scheme}://registry.example.com/own-token")


def registry_script(pointer: str, scheme: str, target: str) -> object:
    url, challenge = hostile(pointer, scheme, target)

    def script(seen: Seen) -> bytes:
        if seen.path == "/own-token":
            proven = "authorization" in seen.headers or CANARY in seen.body.decode()
            return answer(200, {"token": GRANTED if proven else "worthless"})
        if "authorization" not in seen.headers:
            return answer(401, headers=challenge)
        return answer(307, headers={"Location": url})

    return script


@pytest.mark.parametrize("pointer", POINTERS)
@pytest.mark.parametrize("target", TARGETS)
async def test_no_secret_reaches_a_server_that_is_not_entitled_to_it(
    pointer: str, target: str, servers: tuple[str, Scripted, Scripted], ca: tuple[trustme.CA, Path]
) -> None:
    scheme, registry, wrong = servers
    # One address and port is the registry; whatever else is connected to, on whatever port, is the wrong server.
    own = (ADDRESSES["registry.example.com"], 443 if scheme == "https" else 80)
    for challenge, kind in itertools.product(CHALLENGES, CREDENTIALS):
        registry.script = registry_script(pointer, scheme, target)  # type: ignore[assignment]
        evil = f"{scheme}://{'registry.example.com' if pointer == 'realm of a redirect' else target}/own-token"
        wrong.script = lambda seen, challenge=challenge, evil=evil: (  # type: ignore[misc]
            answer(200, {"token": "worthless"})
            if "token" in seen.path
            else answer(401, headers=headers_for(challenge, evil))
        )
        settings = bare(
            plain_http=scheme == "http",
            credentials={"registry.example.com": CREDENTIALS[kind]},
            timeout=5,
            environ={"SSL_CERT_FILE": str(ca[1])},
        )
        net = network(ADDRESSES, lambda address, port: registry.port if (address, port) == own else wrong.port)
        async with Recorded(settings, network=net, clock=VirtualClock()) as client:
            await converse(client, pointer, f"{scheme}://{target}/upload")
        assert all(CANARY not in repr(event) for event in client.events)

    assert registry.seen
    for seen in wrong.seen:
        entitled = scheme == "https" and (pointer, target) in ENTITLED and seen.path == "/taken"
        shown = f"{seen.target} {dict(seen.headers)} {seen.body.decode()}"
        assert entitled or not any(secret in shown for secret in SECRETS), f"{pointer} {target}: {shown}"


async def converse(client: Recorded, pointer: str, upload: str) -> None:
    """Reads, and uploads where the server says; that it fails is fine."""
    method, where = ("PUT", upload) if pointer == "location" else ("GET", "/v2/app/manifests/1")
    for to, verb in (("/v2/app/manifests/0", "GET"), (where, method)):
        body = b"blob" if verb == "PUT" else None
        try:
            await client.send(ask(verb, "registry.example.com", to, scopes=(Scope.push("app"),), body=body))
        except RegtoolError as error:
            assert CANARY not in str(error)  # noqa: PT017


def test_the_matrix_is_large_enough() -> None:
    assert len(CASES) >= 300
