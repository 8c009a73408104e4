"""Who may do what: nobody is asked, Basic authentication, or tokens (Docker's token authentication).

The two that ask are here so that clients can be tried against them; passwords are compared as they are.
"""

import base64
import binascii
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import parse_qsl

from regtool.server.message import Request, Response
from regtool.server.problems import Problem
from regtool.values import dataclass

TOKEN_PATH = "/token"
_SERVICE = "regtool"
_TOKEN_AGE = 300  # seconds
_MAX_FORM = 64 * 1024  # bytes
_NAMED = re.compile(r"/v2/(?P<name>.+)/(?:tags/list|(?:blobs|manifests|referrers)/[^/]*(?:/[^/]*)?)")
_ACTIONS = {"GET": "pull", "HEAD": "pull", "DELETE": "delete"}


class Access(Protocol):
    """Decides whether a request may pass."""

    async def check(self, request: Request) -> Response | None:
        """Returns None for a request that may pass, or the answer to one that is about access itself.

        Raises Problem for all others.
        """


def access_for(users: Mapping[str, str] | None, *, tokens: bool) -> Access:
    """The kind of access for these users."""
    if users is None:
        return OpenAccess()
    return TokenAccess(users) if tokens else BasicAccess(users)


class OpenAccess:
    """Everybody may do everything."""

    async def check(self, _: Request) -> Response | None:
        """Lets every request pass."""
        return None


class BasicAccess:
    """Who has a password may do everything."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = users

    async def check(self, request: Request) -> Response | None:
        """Wants the name and password of a user with every request."""
        if not _user(request, self._users):
            raise _unauthorized('Basic realm="regtool"')
        return None


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a token is good for."""

    scopes: frozenset[tuple[str, str]]  # resource, action
    until: float


@dataclass(slots=True)
class TokenAccess:
    """Who has a password gets tokens, each for what it was asked for and for a short time."""

    users: Mapping[str, str]
    grants: dict[str, _Grant] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)  # refresh token -> user

    async def check(self, request: Request) -> Response | None:
        """Answers requests for tokens, and wants a fitting one with all others."""
        if request.path == TOKEN_PATH:
            return await self._token(request)
        wanted = _wanted(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self.grants.get(token.strip()) if scheme.lower() == "bearer" else None
        if grant is None or grant.until < time.monotonic() or not wanted <= grant.scopes:
            raise _unauthorized(_challenge(request, wanted))
        return None

    async def _token(self, request: Request) -> Response:
        """GET with Basic authentication, or the POST of OAuth 2."""
        if request.method not in ("GET", "POST"):
            raise Problem.of(405, "UNSUPPORTED", "a token is had by GET or POST", headers={"Allow": "GET, POST"})
        asked = list(request.query) if request.method == "GET" else await _form(request)
        user = _user(request, self.users) if request.method == "GET" else self._owner(dict(asked))
        if not user:
            raise _unauthorized('Basic realm="regtool"')
        answer = self._issue({scope for name, value in asked if name == "scope" for scope in value.split()})
        if ("offline_token", "true") in asked or ("access_type", "offline") in asked:
            answer["refresh_token"] = secrets.token_urlsafe()
            self.refresh[answer["refresh_token"]] = user
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        return Response(200, headers, json.dumps(answer | {"expires_in": _TOKEN_AGE}).encode())

    def _owner(self, form: dict[str, str]) -> str | None:
        if form.get("grant_type") == "refresh_token":
            return self.refresh.get(form.get("refresh_token", ""))
        return _verified(form.get("username", ""), form.get("password", ""), self.users)

    def _issue(self, scopes: set[str]) -> dict[str, str]:
        self.grants = {token: grant for token, grant in self.grants.items() if grant.until > time.monotonic()}
        token = secrets.token_urlsafe()
        self.grants[token] = _Grant(_granted(scopes), time.monotonic() + _TOKEN_AGE)
        issued = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"token": token, "access_token": token, "issued_at": issued}


def _wanted(request: Request) -> frozenset[tuple[str, str]]:
    """What a request needs to be allowed to do. Writing is asked for together with reading, as clients do."""
    if request.path == "/v2/_catalog":
        return frozenset({("registry:catalog", "*")})
    named = _NAMED.fullmatch(request.path)
    if not named:
        return frozenset()
    name = named["name"].removesuffix("/blobs") if "/blobs/uploads" in request.path else named["name"]
    action = _ACTIONS.get(request.method, "push")
    if "/blobs/uploads" in request.path:
        action = "push"
    wanted = {(f"repository:{name}", action)} | ({(f"repository:{name}", "pull")} if action == "push" else set())
    if origin := request.parameter("from"):
        wanted.add((f"repository:{origin}", "pull"))
    return frozenset(wanted)


def _challenge(request: Request, wanted: frozenset[tuple[str, str]]) -> str:
    resources = sorted({resource for resource, _ in wanted})
    scopes = (f"{name}:{','.join(sorted(action for known, action in wanted if known == name))}" for name in resources)
    scope = f',scope="{" ".join(scopes)}"' if wanted else ""
    return f'Bearer realm="http://{request.headers.get("host", "")}{TOKEN_PATH}",service="{_SERVICE}"{scope}'


def _granted(scopes: set[str]) -> frozenset[tuple[str, str]]:
    """Each scope is `type:name:action,action`; the name may have colons."""
    pairs = (scope.rpartition(":") for scope in scopes)
    return frozenset((resource, action) for resource, _, actions in pairs for action in actions.split(","))


def _user(request: Request, users: Mapping[str, str]) -> str | None:
    """The user of a Basic `Authorization`, if the password is right."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return _verified(name, password, users)


def _verified(name: str, password: str, users: Mapping[str, str]) -> str | None:
    right = users.get(name)
    if right is None or not hmac.compare_digest(right.encode(), password.encode()):
        return None
    return name


async def _form(request: Request) -> list[tuple[str, str]]:
    content = await request.content(_MAX_FORM)
    return parse_qsl((content or b"").decode("utf-8", "replace"), keep_blank_values=True)


def _unauthorized(challenge: str) -> Problem:
    return Problem.of(401, "UNAUTHORIZED", "authentication required", headers={"WWW-Authenticate": challenge})
