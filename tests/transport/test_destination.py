"""Where a server can send its clients, and with what: every URL that a server names."""

from contextlib import AsyncExitStack

import pytest

from regtool.errors import DeniedError, UnreachableError
from regtool.transport.credential import IdentityToken, Password
from regtool.transport.destination import Guide, Purpose
from regtool.transport.endpoint import origin_of
from regtool.transport.origin import Origin, Place
from regtool.transport.problem import error_for
from regtool.transport.scope import Scope
from regtool.transport.settings import HostSettings
from tests.transport.fixtures import Recorded, ask, bare, body_of, get, network
from tests.transport.scripted import Scripted, Seen, answer, challenge
from tests.transport.token_service import TokenService, guarded

SECRET = "canary-secret"
ALICE = Password("alice", SECRET)
PUBLIC, PRIVATE = "93.184.216.34", "10.1.2.3"


def guide(reached: str = PUBLIC, host: str = "registry.example.com", **choices: object) -> Guide:
    return Guide(bare(**choices), {host: reached})


def decide(
    url: str, purpose: Purpose = Purpose.REALM, name: str = "registry.example.com", *, by: Guide | None = None
) -> tuple[str, bool]:
    judge = by or guide()
    registry = judge.registry(name)
    destination = judge.decide(purpose, url, registry, Place(registry.origin, "/v2/app/manifests/1"))
    return str(destination.place), destination.trusted


class TestRealms:
    """Which token servers see the credentials of which registry."""

    @pytest.mark.parametrize(
        ("name", "realm", "trusted"),
        [
            ("registry.example.com", "https://registry.example.com/token", True),
            ("registry.example.com", "https://REGISTRY.example.com:443/token", True),
            ("registry.example.com", "/token?x=y", True),
            ("registry.example.com", "token", True),
            (
                "registry.example.com",
                "http://registry.example.com/token",
                True,
            ),  # a proxy ends TLS: same host, same way
            ("registry.example.com", "https://auth.example.com/token", True),
            ("registry.example.com", "https://example.com/token", True),
            ("registry.example.com", "https://auth.example.com:8443/token", True),
            ("registry.example.com", "https://example.com.evil.net/token", False),
            ("registry.example.com", "https://evilexample.com/token", False),
            ("registry.example.com", "https://evil.net/token?registry.example.com", False),
            ("docker.io", "https://auth.docker.io/token", True),
            ("docker.io", "https://auth.docker.io:8443/token", True),  # the same owner
            ("docker.io", "https://auth.docker.com/token", False),
            ("registry.gitlab.com", "https://gitlab.com/jwt/auth", True),
            ("one.azurecr.io", "https://two.azurecr.io/oauth2/token", False),
            ("me.github.io", "https://you.github.io/token", False),
            ("registry.example.co.uk", "https://auth.example.co.uk/token", True),
            ("example.co.uk", "https://evil.co.uk/token", False),
            ("93.184.216.34:5000", "https://93.184.216.35/token", False),
            ("93.184.216.34:5000", "https://93.184.216.34:5001/token", False),
        ],
    )
    def test_trust(self, name: str, realm: str, trusted: bool) -> None:
        assert decide(realm, name=name)[1] is trusted

    @pytest.mark.parametrize(
        ("realm", "reason"),
        [
            ("http://auth.example.com/token", "leaves https for plain http"),
            ("http://evil.net/token", "leaves https for plain http"),
            ("ftp://registry.example.com/token", "no plain http or https URL"),
            ("file:///etc/passwd", "no plain http or https URL"),
            ("https://user:pw@registry.example.com/token", "no plain http or https URL"),
            ("https://registry.example.com@evil.net/token", "no plain http or https URL"),
            ("https://registry.example.com/token#x", "no plain http or https URL"),
            ("https://registry.example.com\\@evil.net/token", "no plain http or https URL"),
            ("https://registry.example.com:99999/token", "no plain http or https URL"),
            ("https://registry.example.com:0/token", "no plain http or https URL"),
            ("https:///token", "no plain http or https URL"),
            ("https://registry.exämple.com/token", "no plain http or https URL"),
            ("https://registry.example.com/to ken", "no plain http or https URL"),
            ("https://registry.example.com/token\r\nX: y", "no plain http or https URL"),
            ("https://169.254.169.254/latest", "an address that no registry is entitled to name"),
            ("https://[fe80::1]/x", "an address that no registry is entitled to name"),
            ("https://[::ffff:169.254.169.254]/x", "an address that no registry is entitled to name"),
            ("https://0.0.0.0/x", "an address that no registry is entitled to name"),
            ("https://[::]/x", "an address that no registry is entitled to name"),
            ("https://127.0.0.1/x", "this machine itself"),
            ("https://[::1]/x", "this machine itself"),
            ("https://[::ffff:127.0.0.1]/x", "this machine itself"),
            ("https://[64:ff9b::7f00:1]/x", "this machine itself"),
            ("https://10.0.0.1/x", "a private address"),
            ("https://192.168.1.1/x", "a private address"),
            ("https://100.64.0.1/x", "a private address"),
            ("https://[fd00::1]/x", "a private address"),
            ("https://2130706433/x", "an IP address in disguise"),
            ("https://0x7f.1/x", "an IP address in disguise"),
            ("https://0177.0.0.1/x", "an IP address in disguise"),
            ("https://127.1/x", "an IP address in disguise"),
        ],
    )
    def test_refusals(self, realm: str, reason: str) -> None:
        with pytest.raises(UnreachableError, match=reason) as caught:
            decide(realm)
        assert str(caught.value).isprintable()

    def test_a_pair_that_the_user_wrote_is_trusted_and_no_other(self) -> None:
        own = guide(auth_realms={"registry.example.com": frozenset({"login.other.net"})})

        assert decide("https://login.other.net/token", by=own)[1]
        assert not decide("https://login.other.net:8443/token", by=own)[1]
        assert not decide("https://login.other.net/token", name="another.example.org", by=own)[1]

    def test_a_pair_of_the_configuration_file_is_trusted_even_inside(self) -> None:
        inside = HostSettings(auth_realms=frozenset({"10.0.0.1"}))

        assert decide("https://10.0.0.1/token", by=guide(hosts={"registry.example.com": inside}))[1]

    def test_a_registry_of_plain_http_may_have_a_token_server_of_plain_http(self) -> None:
        http = guide(PRIVATE, plain_http=True)

        assert decide("http://registry.example.com/token", by=http)[1]
        assert not decide("http://auth.example.com/token", by=http)[1]
        assert not decide("https://auth.example.com/token", by=http)[1]


class TestRedirects:
    """Nobody but the registry itself sees credentials."""

    @pytest.mark.parametrize(
        ("url", "trusted"),
        [
            ("/v2/app/blobs/x", True),
            ("https://registry.example.com/other", True),
            ("https://registry.example.com:8443/other", False),
            ("https://cdn.example.com/other", False),
            ("https://bucket.s3.amazonaws.com/x?X-Amz-Signature=abc", False),
        ],
    )
    @pytest.mark.parametrize("purpose", [Purpose.REDIRECT, Purpose.LOCATION])
    def test_trust(self, url: str, trusted: bool, purpose: Purpose) -> None:
        assert decide(url, purpose)[1] is trusted

    def test_the_query_is_left_as_it_is(self) -> None:
        signed = "/x?_state=a%3db+c%2F&X=%20%2B==&bare"

        assert decide(f"https://cdn.example.com{signed}", Purpose.REDIRECT)[0] == f"https://cdn.example.com{signed}"
        assert decide(signed, Purpose.LOCATION)[0] == f"https://registry.example.com{signed}"

    @pytest.mark.parametrize(
        ("registry_at", "url", "fine"),
        [
            (PUBLIC, "https://10.9.9.9/x", False),
            (PRIVATE, "https://10.9.9.9/x", True),
            (PRIVATE, "https://127.0.0.1/x", False),
            (PRIVATE, "https://169.254.169.254/x", False),
            ("127.0.0.1", "https://127.0.0.1:9000/x", True),
            ("127.0.0.1", "https://10.9.9.9/x", True),
            ("127.0.0.1", "https://169.254.169.254/x", False),
        ],
    )
    def test_no_further_inside_than_the_registry_is_itself(self, registry_at: str, url: str, fine: bool) -> None:
        if fine:
            assert decide(url, Purpose.REDIRECT, by=guide(registry_at)) == (url, False)
        else:
            with pytest.raises(UnreachableError, match="not going there"):
                decide(url, Purpose.REDIRECT, by=guide(registry_at))

    def test_storage_that_the_user_configured_may_be_inside(self) -> None:
        inside = HostSettings(storage=frozenset({"10.9.9.9:9000"}))
        own = guide(hosts={"registry.example.com": inside})

        assert decide("https://10.9.9.9:9000/x", Purpose.REDIRECT, by=own) == ("https://10.9.9.9:9000/x", False)


@pytest.mark.parametrize(
    ("host", "choices", "origin"),
    [
        ("docker.io", {}, "https://registry-1.docker.io"),
        ("index.docker.io", {}, "https://registry-1.docker.io"),
        ("ghcr.io", {}, "https://ghcr.io"),
        ("ghcr.io:443", {}, "https://ghcr.io"),
        ("Registry.Example.com:5000", {}, "https://registry.example.com:5000"),
        ("localhost:5000", {}, "http://localhost:5000"),
        ("127.0.0.1:5000", {}, "http://127.0.0.1:5000"),
        ("127.9.9.9", {}, "http://127.9.9.9"),
        ("[::1]:5000", {}, "http://[::1]:5000"),
        ("registry.localhost", {}, "http://registry.localhost"),
        ("localhost.example.com", {}, "https://localhost.example.com"),
        ("10.0.0.1:5000", {}, "https://10.0.0.1:5000"),
        ("10.0.0.1:5000", {"plain_http": True}, "http://10.0.0.1:5000"),
        ("localhost:5000", {"insecure": frozenset({"localhost:5000"})}, "https://localhost:5000"),
        ("localhost:5000", {"insecure": frozenset({"localhost:5001"})}, "http://localhost:5000"),
        ("localhost:5000", {"hosts": {"localhost:5000": HostSettings(plain_http=False)}}, "https://localhost:5000"),
        ("a.b", {"hosts": {"a.b": HostSettings(plain_http=True)}}, "http://a.b"),
    ],
)
def test_a_registrys_name_says_which_server_it_is(host: str, choices: dict[str, object], origin: str) -> None:
    assert str(origin_of(host, bare(**choices))) == origin


def test_an_origin_prints_itself_back() -> None:
    for text in ("https://a.b", "http://a.b:8080", "https://[::1]:5000"):
        scheme, _, authority = text.partition("://")
        assert str(Origin.parse(scheme, authority)) == text


class TestOnTheWire:
    """The same with sockets: what arrives where."""

    @pytest.mark.parametrize("credential", [ALICE, IdentityToken(SECRET, "alice")])
    async def test_a_strange_token_server_is_asked_anonymously_and_the_error_names_both(
        self, credential: Password | IdentityToken
    ) -> None:
        tokens = TokenService()
        async with Scripted(tokens) as strange, Scripted(lambda seen: answer()) as registry:
            registry.script = guarded(tokens, f"http://{strange.host}/token")
            async with Recorded(bare(credentials={registry.host: credential})) as client:
                response = await client.send(get(registry.host))

        message = str(error_for(response, "x"))
        assert response.status == 401
        assert f"credentials for {registry.host} were not sent to {strange.host}" in message
        assert f"--auth-realm {registry.host}={strange.host}" in message
        assert len(strange.seen) >= 1
        for seen in strange.seen:
            assert "authorization" not in seen.headers
            assert SECRET not in seen.target + seen.body.decode() + str(seen.headers)

    async def test_a_token_server_that_the_user_allowed_gets_them(self) -> None:
        tokens = TokenService(users={"alice": SECRET})
        async with Scripted(tokens) as elsewhere, Scripted(lambda seen: answer()) as registry:
            registry.script = guarded(tokens, f"http://{elsewhere.host}/token")
            allowed = {registry.host: frozenset({elsewhere.host})}
            async with Recorded(bare(credentials={registry.host: ALICE}, auth_realms=allowed)) as client:
                assert (await client.send(get(registry.host))).status == 200

    async def test_a_redirect_elsewhere_shows_nothing_but_what_is_public(self) -> None:
        async with AsyncExitStack() as stack:
            storage = await stack.enter_async_context(Scripted(lambda seen: answer(200, b"blob")))
            moved = answer(307, headers={"Location": f"http://{storage.host}/signed?sig=a%2Bb"})
            wanted = answer(401, headers={"WWW-Authenticate": "Basic"})
            registry = await stack.enter_async_context(
                Scripted(lambda seen: moved if seen.headers.get("authorization") == ALICE.basic else wanted)
            )
            client = await stack.enter_async_context(Recorded(bare(credentials={registry.host: ALICE})))
            private = {"X-Private": "x", "Cookie": "x", "Range": "bytes=0-", "Accept": "a/b"}
            response = await client.send(get(registry.host, headers=private))

        assert (response.content, response.url) == (b"blob", f"http://{storage.host}/signed?sig=a%2Bb")
        assert set(storage.seen[0].headers) == {"host", "user-agent", "accept", "accept-encoding", "range"}
        assert storage.seen[0].target == "/signed?sig=a%2Bb"

    async def test_a_redirect_on_the_same_server_keeps_credentials(self) -> None:
        def script(seen: Seen) -> bytes:
            if seen.headers.get("authorization") != ALICE.basic:
                return answer(401, headers={"WWW-Authenticate": "Basic"})
            return answer(200, b"here") if seen.path == "/moved" else answer(302, headers={"Location": "/moved"})

        async with Scripted(script) as registry, Recorded(bare(credentials={registry.host: ALICE})) as client:
            assert (await client.send(get(registry.host))).content == b"here"

    async def test_a_redirect_away_and_back_comes_back_without_credentials(self) -> None:
        def script(seen: Seen) -> bytes:
            if seen.path == "/back":
                return answer(200, b"back")
            if seen.headers.get("authorization") != ALICE.basic:
                return answer(401, headers={"WWW-Authenticate": "Basic"})
            return answer(302, headers={"Location": f"http://{other.host}/"})

        async with Scripted(script) as registry, Scripted(lambda seen: answer()) as other:
            other.script = lambda seen: answer(302, headers={"Location": f"http://{registry.host}/back"})
            async with Recorded(bare(credentials={registry.host: ALICE})) as client:
                assert (await client.send(get(registry.host))).content == b"back"

        assert "authorization" not in registry.seen[-1].headers

    @pytest.mark.parametrize("to_registry", [True, False])
    async def test_a_challenge_after_a_redirect_gets_an_anonymous_token_at_most(self, to_registry: bool) -> None:
        tokens = TokenService(users={"alice": SECRET})
        async with Scripted(tokens) as server, Scripted(lambda seen: answer()) as other, Scripted(tokens) as registry:
            realm = f"http://{registry.host if to_registry else server.host}/token"
            other.script = lambda seen: challenge(realm, "repository:app:pull")
            own = guarded(
                tokens, f"http://{registry.host}/token", answer(307, headers={"Location": f"http://{other.host}/x"})
            )
            registry.script = lambda seen: tokens(seen) if seen.path == "/token" else own(seen)
            async with Recorded(bare(credentials={registry.host: ALICE})) as client:
                response = await client.send(get(registry.host))

        privileged = [token for token, rights in tokens.tokens.items() if rights]
        assert response.status == 401
        assert len(privileged) == 1
        assert len(other.seen) <= 3
        assert all(privileged[0] not in str(seen.headers) and SECRET not in str(seen) for seen in other.seen)

    @pytest.mark.parametrize("hops", [5, 6])
    async def test_five_redirects_are_followed_and_no_more(self, hops: int) -> None:
        def script(seen: Seen) -> bytes:
            number = int(seen.path.rpartition("/")[2])
            return answer(302, headers={"Location": f"/{number + 1}"}) if number < hops else answer(200, b"arrived")

        async with Scripted(script) as server, Recorded() as client:
            if hops == 5:
                assert (await client.send(get(server.host, "/0"))).content == b"arrived"
            else:
                with pytest.raises(UnreachableError, match="redirects more than 5 times"):
                    await client.send(get(server.host, "/0"))

        assert len(server.seen) == 6

    @pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
    async def test_a_write_is_not_sent_after_a_redirect(self, method: str) -> None:
        async with Scripted(lambda seen: answer(307, headers={"Location": "/other"})) as server, Recorded() as client:
            assert (await client.send(ask(method, server.host, body=b"x"))).status == 307

        assert len(server.seen) == 1

    async def test_an_upload_elsewhere_goes_without_credentials(self) -> None:
        async with Scripted(lambda seen: answer(201)) as storage, Scripted(lambda seen: answer(201)) as registry:
            async with Recorded(bare(credentials={registry.host: ALICE})) as client:
                registry.script = lambda seen: (
                    answer(201)
                    if "authorization" in seen.headers
                    else answer(401, headers={"WWW-Authenticate": "Basic"})
                )
                await client.send(get(registry.host))
                upload = f"http://{storage.host}/upload?_state=x&digest=sha256:y"
                headers = {"Content-Type": "application/octet-stream", "X-Private": "x"}
                await client.send(ask("PUT", registry.host, upload, body=body_of(b"blob"), headers=headers))
                await client.send(ask("PUT", registry.host, f"http://{registry.host}/upload", body=b"blob"))

        assert storage.seen[0].body == b"blob"
        assert not {"authorization", "x-private"} & set(storage.seen[0].headers)
        assert registry.seen[-1].headers["authorization"] == ALICE.basic

    async def test_a_name_that_leads_inside_is_refused_before_a_byte_is_sent(self) -> None:
        names = {"registry.test": PUBLIC, "inside.test": "127.0.0.1"}
        async with Scripted(lambda seen: answer(200, b"inside")) as inside, Scripted(lambda seen: answer()) as registry:
            registry.script = lambda seen: answer(307, headers={"Location": "http://inside.test/"})
            ports = {(PUBLIC, 80): registry.port, ("127.0.0.1", 80): inside.port}
            async with Recorded(bare(plain_http=True), network=network(names, ports)) as client:
                with pytest.raises(UnreachableError, match="inside.test is at 127.0.0.1, this machine itself"):
                    await client.send(get("registry.test"))

        assert inside.connections == 0

    async def test_plain_credentials_do_not_pass_a_proxy(self) -> None:
        def script(seen: Seen) -> bytes:
            return answer(401, headers={"WWW-Authenticate": "Basic"})

        async with Scripted(script) as proxy:
            settings = bare(
                plain_http=True, credentials={"registry.test": ALICE}, environ={"HTTP_PROXY": f"http://{proxy.host}"}
            )
            async with Recorded(settings) as client:
                with pytest.raises(DeniedError, match="would see the credentials"):
                    await client.send(get("registry.test", scopes=(Scope.pull("app"),)))

        assert proxy.targets == ["GET http://registry.test:80/v2/app/manifests/1.0"]
