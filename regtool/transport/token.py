"""Asking a token server, and reading what it grants (Distribution token authentication; OAuth2 variant)."""

import json
from collections.abc import Sequence
from dataclasses import field
from typing import Any
from urllib.parse import quote, urlencode

from regtool.errors import ContentError
from regtool.transport.credential import Credential, IdentityToken, Password
from regtool.transport.message import Response
from regtool.values import dataclass

CLIENT_ID = "regtool"
LARGEST = 128 * 1024  # bytes of a token server's answer
SHORTEST_LIFE, LONGEST_LIFE = 60.0, 3600.0  # seconds; what a server says is kept between them
MARGIN = 10.0  # seconds before the end of its life at which a token is not used any more


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and the moment, in monotonic seconds, from which it is not used any more."""

    secret: str = field(repr=False)
    expires: float


def query(target: str, service: str, scopes: Sequence[str], credential: Credential | None) -> str:
    """The target of the GET form: what the realm's own query says stays, scopes are repeated, first things first."""
    pairs = [("service", service)] if service else []
    pairs += [("scope", scope) for scope in scopes]
    pairs.append(("client_id", CLIENT_ID))
    if credential and credential.username:
        pairs.append(("account", credential.username))
    return f"{target}{'&' if '?' in target else '?'}{urlencode(pairs, quote_via=quote, safe=':/,')}"


def form(service: str, scopes: Sequence[str], credential: Password | IdentityToken) -> bytes:
    """The body of the OAuth2 form: scopes are one string with spaces."""
    fields = {"service": service, "client_id": CLIENT_ID, "scope": " ".join(scopes)}
    if isinstance(credential, IdentityToken):
        fields |= {"grant_type": "refresh_token", "refresh_token": credential.secret}
    else:
        fields |= {"grant_type": "password", "username": credential.username, "password": credential.secret}
    return urlencode(fields).encode()


def parse_token(response: Response, realm: str, now: float) -> Token:
    """The token in an answer with status 200. `now` is monotonic: what the server says about its clock does not count.

    Raises ContentError.
    """
    document = _document(response.content, realm)
    # Where the two differ, `access_token` is the newer field.
    secret = document.get("access_token") or document.get("token")
    if not isinstance(secret, str) or not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise ContentError(realm, "the token server's answer holds no token")
    return Token(secret, now + _life(document.get("expires_in")) - MARGIN)


def _document(content: bytes, realm: str) -> dict[str, Any]:
    try:
        document = json.loads(content.decode())
    except (ValueError, RecursionError):
        raise ContentError(realm, "the token server does not answer in JSON") from None
    if not isinstance(document, dict):
        raise ContentError(realm, "the token server's answer is no JSON object")
    return document


def _life(expires_in: object) -> float:
    seconds = expires_in if isinstance(expires_in, (int, float)) else SHORTEST_LIFE
    return min(LONGEST_LIFE, max(SHORTEST_LIFE, seconds))  # in this order also NaN is the shortest life
