"""Basic authentication and tokens."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from regtool.server.app import create_app
from tests.server.conftest import Listener
from tests.server.pushing import UNKNOWN, codes, digest_of

USERS = {"ann": "secret", "bob": "pässword:with:colons"}
ANN, BOB = ("ann", USERS["ann"]), ("bob", USERS["bob"])


@pytest.fixture
async def basic(listener: Listener, root: Path) -> AsyncIterator[httpx.AsyncClient]:
    listener.switchboard.current = create_app(root, users=USERS)
    async with httpx.AsyncClient(base_url=listener.url, verify=False, trust_env=False) as connected:
        yield connected


@pytest.fixture
async def tokens(listener: Listener, root: Path) -> AsyncIterator[httpx.AsyncClient]:
    listener.switchboard.current = create_app(root, users=USERS, tokens=True)
    async with httpx.AsyncClient(base_url=listener.url, verify=False, trust_env=False) as connected:
        yield connected


async def token_for(client: httpx.AsyncClient, *scopes: str, auth: tuple[str, str] = ANN) -> dict[str, str]:
    """The header that carries a token for these scopes."""
    got = await client.get(
        "/token", params=[("service", "regtool"), *(("scope", scope) for scope in scopes)], auth=auth
    )
    assert got.status_code == 200, got.text
    assert got.json()["token"] == got.json()["access_token"]
    return {"Authorization": f"Bearer {got.json()['token']}"}


@pytest.mark.parametrize("auth", [ANN, BOB])
async def test_who_has_a_password_gets_in(basic: httpx.AsyncClient, auth: tuple[str, str]) -> None:
    assert (await basic.get("/v2/", auth=auth)).status_code == 200


@pytest.mark.parametrize("auth", [None, ("ann", ""), ("ann", "wrong"), ("carl", "secret"), ("", ""), ("bob", "secret")])
async def test_who_has_none_is_asked_for_it(basic: httpx.AsyncClient, auth: tuple[str, str] | None) -> None:
    got = await basic.get("/v2/app/tags/list", auth=auth)

    assert (got.status_code, codes(got)) == (401, ["UNAUTHORIZED"])
    assert got.headers["www-authenticate"] == 'Basic realm="regtool"'


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic /w==", "Bearer secret", "ann:secret", "basic YW5u"])
async def test_what_is_no_password_does_not_get_in(basic: httpx.AsyncClient, header: str) -> None:
    assert (await basic.get("/v2/", headers={"Authorization": header})).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v2/", ""),
        ("GET", "/v2/app/tags/list", "repository:app:pull"),
        ("HEAD", "/v2/team/app/manifests/1.0", "repository:team/app:pull"),
        ("PUT", "/v2/team/app/manifests/1.0", "repository:team/app:pull,push"),
        ("DELETE", "/v2/app/manifests/1.0", "repository:app:delete"),
        ("GET", f"/v2/app/blobs/{UNKNOWN}", "repository:app:pull"),
        ("DELETE", f"/v2/app/blobs/{UNKNOWN}", "repository:app:delete"),
        ("GET", f"/v2/app/referrers/{UNKNOWN}", "repository:app:pull"),
        ("POST", "/v2/app/blobs/uploads/", "repository:app:pull,push"),
        ("PATCH", "/v2/app/blobs/uploads/x", "repository:app:pull,push"),
        ("DELETE", "/v2/app/blobs/uploads/x", "repository:app:pull,push"),
        ("GET", "/v2/_catalog", "registry:catalog:*"),
        ("POST", "/v2/b/blobs/uploads/?mount=x&from=a", "repository:a:pull repository:b:pull,push"),
    ],
)
async def test_a_challenge_names_exactly_what_is_wanted(
    tokens: httpx.AsyncClient, method: str, path: str, scope: str
) -> None:
    got = await tokens.request(method, path)

    realm = f"{str(tokens.base_url).rstrip('/')}/token"
    wanted = f',scope="{scope}"' if scope else ""
    assert got.status_code == 401
    assert got.headers["www-authenticate"] == f'Bearer realm="{realm}",service="regtool"{wanted}'


async def test_a_token_is_good_for_what_it_was_asked_for(tokens: httpx.AsyncClient) -> None:
    header = await token_for(tokens, "repository:app:pull,push")

    begun = await tokens.post(
        "/v2/app/blobs/uploads/", params={"digest": digest_of(b"x")}, content=b"x", headers=header
    )

    assert begun.status_code == 201
    assert (await tokens.get(f"/v2/app/blobs/{digest_of(b'x')}", headers=header)).status_code == 200
    assert (await tokens.delete(f"/v2/app/blobs/{digest_of(b'x')}", headers=header)).status_code == 401
    assert (await tokens.get("/v2/other/tags/list", headers=header)).status_code == 401


async def test_several_scopes_fit_into_one_token(tokens: httpx.AsyncClient) -> None:
    header = await token_for(tokens, "repository:a:pull", "repository:b:pull,push registry:catalog:*")

    assert (await tokens.get("/v2/a/tags/list", headers=header)).status_code == 404
    assert (await tokens.get("/v2/b/tags/list", headers=header)).status_code == 404
    assert (await tokens.get("/v2/_catalog", headers=header)).status_code == 200


async def test_a_token_without_scopes_is_good_for_the_greeting(tokens: httpx.AsyncClient) -> None:
    header = await token_for(tokens)

    assert (await tokens.get("/v2/", headers=header)).status_code == 200
    assert (await tokens.get("/v2/app/tags/list", headers=header)).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Basic YW5uOnNlY3JldA==", "x"])
async def test_only_tokens_of_this_registry_are_good(tokens: httpx.AsyncClient, header: str) -> None:
    assert (await tokens.get("/v2/", headers={"Authorization": header})).status_code == 401


@pytest.mark.parametrize("auth", [None, ("ann", "wrong"), ("carl", "secret")])
async def test_a_token_costs_a_password(tokens: httpx.AsyncClient, auth: tuple[str, str] | None) -> None:
    assert (await tokens.get("/token", auth=auth)).status_code == 401


async def test_oauth_gives_tokens_and_renews_them(tokens: httpx.AsyncClient) -> None:
    form = {"grant_type": "password", "username": "ann", "password": "secret", "access_type": "offline"}
    first = (await tokens.post("/token", data=form | {"scope": "repository:app:pull"})).json()
    again = {
        "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"],
        "scope": "repository:app:push,pull",
    }

    second = (await tokens.post("/token", data=again)).json()

    header = {"Authorization": f"Bearer {second['access_token']}"}
    assert (await tokens.post("/v2/app/blobs/uploads/", headers=header)).status_code == 202


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password", "username": "ann", "password": "wrong"},
        {"grant_type": "refresh_token", "refresh_token": "wrong"},
        {"grant_type": "refresh_token"},
        {},
    ],
)
async def test_oauth_costs_a_password_too(tokens: httpx.AsyncClient, form: dict[str, str]) -> None:
    assert (await tokens.post("/token", data=form)).status_code == 401


async def test_tokens_are_not_kept_by_caches_and_end(tokens: httpx.AsyncClient) -> None:
    got = await tokens.get("/token", auth=ANN)

    assert got.headers["cache-control"] == "no-store"
    assert got.json()["expires_in"] == 300
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", got.json()["issued_at"])


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_tokens_are_had_by_get_and_post_alone(tokens: httpx.AsyncClient, method: str) -> None:
    assert (await tokens.request(method, "/token", auth=ANN)).status_code == 405
