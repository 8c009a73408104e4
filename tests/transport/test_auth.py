"""Authentication as a conversation: who is asked what, how often, and with which proof."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from regtool.errors import ContentError, DeniedError
from regtool.transport.credential import Credential, IdentityToken, Password, RegistryToken
from regtool.transport.events import TokenAsked
from regtool.transport.problem import error_for
from regtool.transport.scope import Scope
from tests.transport.fixtures import Recorded, VirtualClock, ask, bare, body_of, get
from tests.transport.scripted import Scripted, Seen, answer, challenge, in_turn, refusal
from tests.transport.token_service import TokenService, guarded

ALICE = Password("alice", "wonder:land")
PULL, PUSH = (Scope.pull("app"),), (Scope.push("app"),)


@dataclass
class Rig:
    """A registry whose token server is part of it, at /token."""

    registry: Scripted
    tokens: TokenService
    client: Recorded
    clock: VirtualClock

    @property
    def host(self) -> str:
        return self.registry.host

    @property
    def asked(self) -> list[str]:
        """The requests that were not for a token, with whether they brought one."""
        return [
            f"{seen.method} {seen.path} {seen.headers.get('authorization', 'nothing')}"
            for seen in self.registry.seen
            if seen.path != "/token"
        ]


@asynccontextmanager
async def rig(
    tokens: TokenService | None = None, credential: Credential | None = None, **more: object
) -> AsyncIterator[Rig]:
    service = tokens or TokenService(users={"alice": ALICE.secret})
    async with Scripted(lambda seen: answer()) as registry:
        guard = guarded(service, f"http://{registry.host}/token")
        registry.script = lambda seen: service(seen) if seen.path == "/token" else guard(seen)
        settings = bare(credentials={registry.host: credential} if credential else {}, **more)
        clock = VirtualClock()
        async with Recorded(settings, clock=clock) as client:
            yield Rig(registry, service, client, clock)


async def test_the_token_is_learnt_from_the_request_itself_and_kept() -> None:
    async with rig(credential=ALICE) as run:
        for _ in range(3):
            assert (await run.client.send(get(run.host, scopes=PULL))).content == b"content"

    path = "GET /v2/app/manifests/1.0"
    assert run.asked == [
        f"{path} nothing",
        f"{path} Bearer token-1",
        f"{path} Bearer token-1",
        f"{path} Bearer token-1",
    ]


async def test_the_token_server_is_asked_with_service_scope_and_basic() -> None:
    async with rig(credential=ALICE) as run:
        await run.client.send(get(run.host, scopes=PULL))

    asked = run.tokens.seen[0]
    assert asked.target == "/token?service=test&scope=repository:app:pull&client_id=regtool&account=alice"
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"alice:wonder:land").decode()
    assert run.client.told(TokenAsked) == [
        TokenAsked(
            registry=run.host,
            realm=f"http://{run.host}/token",
            scopes=("repository:app:pull",),
            account="alice",
            source="the command line",
        )
    ]


async def test_a_hundred_requests_at_once_ask_for_one_token() -> None:
    async with rig(credential=ALICE) as run:
        await asyncio.gather(*(run.client.send(get(run.host, scopes=PULL)) for _ in range(100)))

    assert len(run.tokens.seen) == 1


async def test_source_and_target_share_one_token() -> None:
    scopes = (Scope.push("target"), Scope.pull("source"))
    async with rig(credential=ALICE) as run:
        await asyncio.gather(
            run.client.send(get(run.host, "/v2/source/manifests/1", scopes=scopes)),
            run.client.send(ask("POST", run.host, "/v2/target/blobs/uploads/", scopes=scopes)),
        )

    assert len(run.tokens.seen) == 1
    assert sorted(run.tokens.asked[0]) == ["repository:source:pull", "repository:target:pull,push"]


async def test_a_token_for_more_serves_for_less() -> None:
    async with rig(credential=ALICE) as run:
        await run.client.send(ask("PUT", run.host, scopes=PUSH))
        await run.client.send(get(run.host, scopes=PULL))

    assert run.tokens.asked == [["repository:app:pull,push"]]


async def test_a_token_for_less_does_not_serve_for_more() -> None:
    async with rig(credential=ALICE) as run:
        await run.client.send(get(run.host, scopes=PULL))
        assert (await run.client.send(ask("PUT", run.host, scopes=PUSH))).status == 200

    assert run.tokens.asked == [["repository:app:pull"], ["repository:app:pull,push"]]
    assert "nothing" not in run.asked[-1]


async def test_no_more_is_asked_for_than_the_work_needs() -> None:
    async with rig(credential=ALICE) as run:
        await run.client.send(get(run.host, scopes=PULL))

    assert run.tokens.asked == [["repository:app:pull"]]


async def test_a_request_without_scopes_takes_those_of_the_challenge() -> None:
    async with rig(credential=ALICE) as run:
        assert (await run.client.send(get(run.host, scopes=()))).status == 200

    assert run.tokens.asked == [["repository:app:pull"]]


async def test_a_registry_that_reads_only_the_first_scope_gets_the_demanded_one_first() -> None:
    tokens = TokenService(users={"alice": ALICE.secret}, only_first_scope=True)
    scopes = (Scope.push("target"), Scope.pull("source"))
    async with rig(tokens, ALICE) as run:
        for _ in range(3):
            assert (await run.client.send(ask("POST", run.host, "/v2/target/x", scopes=scopes))).status == 200
            assert (await run.client.send(get(run.host, "/v2/source/x", scopes=scopes[::-1]))).status == 200

    assert run.tokens.asked[0] == ["repository:target:pull,push", "repository:source:pull"]
    assert run.tokens.asked[1] == ["repository:source:pull", "repository:target:pull,push"]
    assert len(run.tokens.asked) == 2


async def test_a_token_that_is_no_longer_taken_is_renewed_once_for_all() -> None:
    async with rig(credential=ALICE) as run:
        await run.client.send(get(run.host, scopes=PULL))
        run.tokens.forget()
        answers = await asyncio.gather(*(run.client.send(get(run.host, scopes=PULL)) for _ in range(20)))

    assert {response.status for response in answers} == {200}
    assert len(run.tokens.seen) == 2


@pytest.mark.parametrize(
    ("lifetime", "age", "asked"), [(300, 280, 1), (300, 295, 2), (None, 45, 1), (None, 55, 2), (5, 45, 1)]
)
async def test_a_token_is_renewed_shortly_before_it_runs_out(lifetime: int | None, age: float, asked: int) -> None:
    async with rig(TokenService(users={"alice": ALICE.secret}, lifetime=lifetime), ALICE) as run:
        await run.client.send(get(run.host, scopes=PULL))
        await run.clock.sleep(age)
        await run.client.send(get(run.host, scopes=PULL))

    assert len(run.tokens.seen) == asked
    assert "nothing" not in run.asked[-1]


async def test_a_second_refusal_is_final() -> None:
    async with rig(TokenService(), None) as run:  # anonymous tokens are given, but allow nothing
        response = await run.client.send(get(run.host, scopes=PULL))

    assert response.status == 401
    assert len(run.tokens.seen) <= 2


async def test_an_anonymous_token_opens_what_is_public() -> None:
    async with rig(TokenService(public=frozenset({"app"}))) as run:
        assert (await run.client.send(get(run.host, scopes=PULL))).status == 200

    assert "authorization" not in run.tokens.seen[0].headers
    assert "account" not in run.tokens.seen[0].target


async def test_a_refusal_without_credentials_says_how_to_log_in() -> None:
    async with rig(TokenService(), None) as run:
        response = await run.client.send(get(run.host, scopes=PULL))

    message = str(error_for(response, f"{run.host}/app:1.0"))
    assert f"no credentials for {run.host} were found; log in with: regtool login {run.host}" in message


async def test_wrong_credentials_are_an_error_that_names_user_and_source_but_not_the_password() -> None:
    async with rig(credential=Password("alice", "wrong-secret")) as run:
        with pytest.raises(DeniedError) as caught:
            await run.client.send(get(run.host, scopes=PULL))

    message = str(caught.value)
    assert "alice (the command line)" in message
    assert "incorrect username or password" in message
    assert "wrong-secret" not in message + repr(caught.value) + repr(run.client.events)


async def test_authorize_gets_the_token_before_a_body_is_streamed() -> None:
    opened = 0

    def body() -> AsyncIterator[bytes]:
        nonlocal opened
        opened += 1
        return body_of(b"x" * 100).open()

    async with rig(credential=ALICE) as run:
        await run.client.send(get(run.host, scopes=PULL))  # teaches the challenge
        await run.client.send(ask("POST", run.host, scopes=PUSH))  # which opens an upload, and has no body
        streamed = type(body_of(b""))(size=100, open=body)
        assert (await run.client.send(ask("PUT", run.host, scopes=PUSH, body=streamed))).status == 200

    assert opened == 1


async def test_a_streamed_body_survives_a_challenge() -> None:
    async with rig(credential=ALICE) as run:
        response = await run.client.send(ask("PUT", run.host, scopes=PUSH, body=body_of(b"abc", b"def")))

    assert response.status == 200
    assert [seen.body for seen in run.registry.seen if seen.method == "PUT"] == [b"abcdef", b"abcdef"]


class TestForms:
    """How a token server is asked, and the fall-backs."""

    @pytest.mark.parametrize("status", [404, 405])
    async def test_a_password_goes_by_post_where_get_is_not_there(self, status: int) -> None:
        async with rig(TokenService(users={"alice": ALICE.secret}, get=status), ALICE) as run:
            assert (await run.client.send(get(run.host, scopes=PULL))).status == 200

        assert run.tokens.seen[1].body == (
            b"service=test&client_id=regtool&scope=repository%3Aapp%3Apull"
            b"&grant_type=password&username=alice&password=wonder%3Aland"
        )

    async def test_an_identity_token_goes_by_post(self) -> None:
        async with rig(TokenService(refresh_tokens={"refresh-me": "alice"}), IdentityToken("refresh-me")) as run:
            assert (await run.client.send(get(run.host, scopes=PUSH))).status == 200

        assert [seen.method for seen in run.tokens.seen] == ["POST"]
        assert b"grant_type=refresh_token&refresh_token=refresh-me" in run.tokens.seen[0].body
        assert "authorization" not in run.tokens.seen[0].headers

    @pytest.mark.parametrize("status", [400, 401, 404, 405])
    async def test_an_identity_token_goes_as_a_password_where_post_is_refused(self, status: int) -> None:
        tokens = TokenService(users={"0000": "refresh-me"}, post=status)
        async with rig(tokens, IdentityToken("refresh-me", "0000")) as run:
            assert (await run.client.send(get(run.host, scopes=PULL))).status == 200

        assert [seen.method for seen in run.tokens.seen] == ["POST", "GET"]

    async def test_a_registry_token_is_sent_as_it_is_and_no_token_server_is_asked(self) -> None:
        tokens = TokenService()
        tokens.tokens["made-elsewhere"] = frozenset({"app:pull"})
        async with rig(tokens, RegistryToken("made-elsewhere")) as run:
            assert (await run.client.send(get(run.host, scopes=PULL))).status == 200

        assert tokens.seen == []


class TestAnswers:
    """What token servers say."""

    @staticmethod
    async def ask_with(reply: bytes) -> tuple[Scripted, int]:
        def script(seen: Seen) -> bytes:
            if seen.path == "/token":
                return reply
            if seen.headers.get("authorization") == "Bearer good":
                return answer(200)
            return challenge(f"http://{server.host}/token", "repository:app:pull")

        async with Scripted(script) as server, Recorded() as client:
            return server, (await client.send(get(server.host, scopes=PULL))).status

    @pytest.mark.parametrize(
        "document",
        [
            {"token": "good"},
            {"access_token": "good"},
            {"token": "old", "access_token": "good"},
            {"token": "good", "expires_in": None, "issued_at": "nonsense"},
            {"token": "good", "expires_in": -5},
            {"token": "good", "expires_in": 10**30},
            {"token": "good", "expires_in": 10**400},
            {"token": "good", "expires_in": float("nan")},
            {"access_token": "good", "token": None},
        ],
    )
    async def test_good_ones(self, document: dict[str, object]) -> None:
        assert (await self.ask_with(answer(200, document)))[1] == 200

    @pytest.mark.parametrize(
        ("reply", "complaint"),
        [
            (answer(200, "<html>"), "does not answer in JSON"),
            (answer(200, b"\xff\xfe"), "does not answer in JSON"),
            (answer(200, "[" * 100_000), "does not answer in JSON"),
            (answer(200, "[]"), "is no JSON object"),
            (answer(200, {"token": 5}), "holds no token"),
            (answer(200, {}), "holds no token"),
            (answer(200, {"token": ""}), "holds no token"),
            (answer(200, {"token": "a\r\nX-Evil: 1"}), "holds no token"),
            (answer(200, {"token": "é"}), "holds no token"),
            (answer(200, {"token": "x" * 200_000}), "bytes long, the limit is 131072"),
        ],
    )
    async def test_bad_ones(self, reply: bytes, complaint: str) -> None:
        with pytest.raises(ContentError, match=complaint):
            await self.ask_with(reply)


class TestChallenges:
    """What registries ask for."""

    @staticmethod
    def wanting(*fields: tuple[str, str], good: str = "") -> Scripted:
        def script(seen: Seen) -> bytes:
            return answer(200) if seen.headers.get("authorization") == good else answer(401, headers=fields)

        return Scripted(script)

    async def test_basic_is_answered_and_then_sent_at_once(self) -> None:
        async with (
            self.wanting(("WWW-Authenticate", 'Basic realm="x"'), good=ALICE.basic) as server,
            Recorded(bare(credentials={server.host: ALICE})) as client,
        ):
            assert (await client.send(get(server.host))).status == 200
            assert (await client.send(get(server.host))).status == 200

        assert len(server.seen) == 3

    async def test_unknown_schemes_are_passed_over(self) -> None:
        fields = [("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", 'NTLM, Basic realm="x"')]
        async with (
            self.wanting(*fields, good=ALICE.basic) as server,
            Recorded(bare(credentials={server.host: ALICE})) as client,
        ):
            assert (await client.send(get(server.host))).status == 200

    async def test_wrong_basic_credentials_are_tried_once(self) -> None:
        async with (
            self.wanting(("WWW-Authenticate", 'Basic realm="x"'), good="never") as server,
            Recorded(bare(credentials={server.host: ALICE})) as client,
        ):
            assert (await client.send(get(server.host))).status == 401

        assert len(server.seen) == 2

    async def test_a_refusal_without_a_challenge_is_an_answer(self) -> None:
        async with self.wanting(good="never") as server, Recorded(bare(credentials={server.host: ALICE})) as client:
            assert (await client.send(get(server.host))).status == 401

        assert len(server.seen) == 1

    async def test_basic_after_bearer_does_not_make_the_password_travel(self) -> None:
        """Harbor asks for Basic when a token has run out; the token server is still the one to ask."""
        tokens = TokenService(users={"alice": ALICE.secret})

        def script(seen: Seen) -> bytes:
            if seen.path == "/token":
                return tokens(seen)
            if tokens.rights(seen):
                return answer(200)
            if "authorization" in seen.headers:
                return answer(401, headers={"WWW-Authenticate": 'Basic realm="harbor"'})
            return challenge(f"http://{server.host}/token", "repository:app:pull")

        async with Scripted(script) as server, Recorded(bare(credentials={server.host: ALICE})) as client:
            assert (await client.send(get(server.host, scopes=PULL))).status == 200
            tokens.forget()
            assert (await client.send(get(server.host, scopes=PULL))).status == 200

        assert all(
            "Basic" not in seen.headers.get("authorization", "") for seen in server.seen if seen.path != "/token"
        )

    async def test_a_relative_realm_is_the_registrys_own(self) -> None:
        tokens = TokenService(users={"alice": ALICE.secret})
        guard = guarded(tokens, "/token?from=here")
        async with (
            Scripted(lambda seen: tokens(seen) if seen.path == "/token" else guard(seen)) as server,
            Recorded(bare(credentials={server.host: ALICE})) as client,
        ):
            assert (await client.send(get(server.host, scopes=PULL))).status == 200

        assert tokens.seen[0].target.startswith("/token?from=here&service=test&scope=")

    async def test_a_token_server_that_is_busy_is_asked_again(self) -> None:
        replies = in_turn(refusal(503), answer(200, {"token": "good"}))

        def script(seen: Seen) -> object:
            if seen.path == "/token":
                return replies(seen)
            good = seen.headers.get("authorization") == "Bearer good"
            return answer(200) if good else challenge(f"http://{server.host}/token")

        async with Scripted(script) as server, Recorded(clock=VirtualClock()) as client:  # type: ignore[arg-type]
            assert (await client.send(get(server.host))).status == 200
