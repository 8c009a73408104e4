"""A token server, and a registry that takes only its tokens: real enough for distribution, too.

Tokens are JSON web tokens, signed by a key whose certificate is what `rootcertbundle` of distribution names.
"""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.transport.scripted import Seen, answer, challenge, refusal

ISSUER = "test issuer"
SERVICE = "test"


@dataclass
class TokenService:
    """Gives tokens: to `users` for everything, to others for nothing but pulling what is in `public`.

    `post` and `get` say whether it knows the OAuth2 form and the classic one.
    """

    users: Mapping[str, str] = field(default_factory=dict)
    refresh_tokens: Mapping[str, str] = field(default_factory=dict)
    public: frozenset[str] = frozenset()
    get: int = 200  # or the status with which this form is refused
    post: int = 200
    lifetime: int | None = 300
    only_first_scope: bool = False
    seen: list[Seen] = field(default_factory=list)
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)  # token -> rights such as app:pull

    def __call__(self, seen: Seen) -> bytes:
        self.seen.append(seen)
        status = self.get if seen.method == "GET" else self.post
        if status != 200:
            return refusal(status, "UNSUPPORTED")
        fields = parse_qs(urlsplit(seen.target).query if seen.method == "GET" else seen.body.decode())
        user = self._user(seen, fields)
        if user is None:
            return refusal(401, "UNAUTHORIZED", "incorrect username or password")
        scopes = [scope for text in fields.get("scope", []) for scope in text.split()]
        return answer(200, self._grant(user, scopes[:1] if self.only_first_scope else scopes))

    @property
    def asked(self) -> list[list[str]]:
        """The scopes of each request."""
        return [
            " ".join(parse_qs(urlsplit(seen.target).query or seen.body.decode()).get("scope", [])).split()
            for seen in self.seen
        ]

    def forget(self) -> None:
        """Makes all tokens invalid."""
        self.tokens.clear()

    def rights(self, seen: Seen) -> frozenset[str] | None:
        """What the bearer of a request may do, None without a token that was given here."""
        return self.tokens.get(seen.headers.get("authorization", "").removeprefix("Bearer "))

    def _user(self, seen: Seen, fields: dict[str, list[str]]) -> str | None:
        """The name of the user, empty for an anonymous one, None for a false one."""
        if seen.method == "POST" and fields["grant_type"] == ["refresh_token"]:
            return self.refresh_tokens.get(fields["refresh_token"][0])
        if seen.method == "POST":
            name, password = fields["username"][0], fields["password"][0]
        elif "authorization" in seen.headers:
            name, _, password = base64.b64decode(seen.headers["authorization"][6:]).decode().partition(":")
        else:
            return ""
        return name if self.users.get(name) == password else None

    def _grant(self, user: str, scopes: list[str]) -> dict[str, object]:
        rights = set()
        for scope in scopes:
            kind, name, actions = scope.split(":")
            granted = actions.split(",") if user else ["pull"] if name in self.public else []
            rights |= {f"{name}:{action}" for action in granted if kind == "repository"}
        token = self.sign(user, rights)
        self.tokens[token] = frozenset(rights)
        return {"token": token, **({"expires_in": self.lifetime} if self.lifetime is not None else {})}

    def sign(self, user: str, rights: set[str]) -> str:
        """The token itself."""
        return f"token-{len(self.seen)}"


class SigningService(TokenService):
    """Gives tokens that distribution can check."""

    def __init__(self, directory: Path, **more: Any) -> None:
        super().__init__(**more)
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        leaf = authority.issue_cert("token.test", key_type=trustme.KeyType.ECDSA)
        self.bundle = directory / "token-ca.pem"
        authority.cert_pem.write_to_path(self.bundle)
        self._chain = [pem.bytes().decode() for pem in leaf.cert_chain_pems]
        key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    def sign(self, user: str, rights: set[str]) -> str:
        names = sorted({right.rpartition(":")[0] for right in rights})
        access = [
            {
                "type": "repository",
                "name": name,
                "actions": sorted(r.rpartition(":")[2] for r in rights if r.startswith(f"{name}:")),
            }
            for name in names
        ]
        now = int(time.time())
        head = {"typ": "JWT", "alg": "ES256", "x5c": ["".join(pem.split("\n")[1:-2]) for pem in self._chain]}
        claims = {
            "iss": ISSUER,
            "sub": user,
            "aud": SERVICE,
            "exp": now + 300,
            "nbf": now - 5,
            "iat": now,
            "jti": str(len(self.seen)),
            "access": access,
        }
        signed = b".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
        r, s = decode_dss_signature(self._key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return (signed + b"." + _encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))).decode()


def guarded(service: TokenService, realm: str, reply: bytes = b"") -> Any:
    """A registry's script: answers requests whose token allows them, and challenges the others."""

    def script(seen: Seen) -> bytes:
        repository = seen.path.split("/")[2]
        needed = "pull" if seen.method in ("GET", "HEAD") else "push"
        rights = service.rights(seen)
        if rights is None or f"{repository}:{needed}" not in rights:
            actions = "pull" if needed == "pull" else "pull,push"
            return challenge(realm, f"repository:{repository}:{actions}", SERVICE)
        return reply or answer(200, b"content")

    return script


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
