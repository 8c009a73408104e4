"""Docker's `config.json` and podman's `auth.json`: which credentials, or which helper, they name for a registry.

Parsed leniently, as these files are written by many hands: an entry that makes no sense is passed over with a warning,
but a file that is no JSON at all is an error, because an anonymous request in its place would be a surprise.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Self

from regtool.errors import UsageError
from regtool.model.host import HUB_NAMES, usual_host
from regtool.transport.credential import Credential, IdentityToken, Password, RegistryToken
from regtool.values import dataclass

HUB_KEY = "https://index.docker.io/v1/"  # the name under which docker keeps the credentials of Docker Hub
LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DockerConfig:
    """What one such file says about credentials."""

    auths: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    helpers: Mapping[str, str] = field(default_factory=dict)
    store: str = ""

    @classmethod
    def parse(cls, text: str, name: str) -> Self:
        """Reads the JSON text of the file `name`. Raises UsageError."""
        document = _document(text, name)
        auths = document.get("auths", {})
        if "auths" not in document and "credsStore" not in document and "credHelpers" not in document:
            auths = document  # ~/.dockercfg, which has the entries at the top
        helpers, store = document.get("credHelpers"), document.get("credsStore")
        return cls(
            {key: entry for key, entry in _items(auths) if isinstance(entry, dict)},
            {key: helper for key, helper in _items(helpers) if isinstance(helper, str)},
            store if isinstance(store, str) else "",
        )

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Reads a file, None if there is none. Raises UsageError, naming it."""
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as failure:
            raise UsageError(str(path), f"cannot be read: {failure.strerror}") from None
        if len(content) > LARGEST:
            raise UsageError(str(path), f"is longer than {LARGEST} bytes", "is it a docker configuration?")
        try:
            return cls.parse(content.decode("utf-8-sig"), str(path))
        except UnicodeDecodeError as failure:
            raise UsageError(str(path), f"is not UTF-8 at byte {failure.start}") from None

    def helper_for(self, host: str) -> tuple[str, str] | None:
        """The helper for this registry and the name that it knows the registry by, None if there is none."""
        for key, helper in self.helpers.items():
            if same_registry(key, host):
                return (helper, key) if helper else None  # an empty name means: in this file, not in the store
        return (self.store, key_of(host)) if self.store else None

    def entries(self, host: str, repository: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The entries for this registry, the closest first: podman's keys may name a part of the path."""
        parts = [host, *(part for part in repository.split("/") if part)]
        for length in range(len(parts), 0, -1):
            key = "/".join(parts[:length])
            if key in self.auths:
                yield key, self.auths[key]
        for key, entry in self.auths.items():
            if key != host and same_registry(key, host):
                yield key, entry


def credential_in(entry: Mapping[str, Any]) -> Credential | None:
    """The credential in one entry of `auths`, None for a mere marker. Raises ValueError for what cannot be decoded."""
    username = _text(entry, "username")
    if token := _text(entry, "registrytoken").strip():
        if not (token.isascii() and token.isprintable()):
            raise ValueError("its registrytoken is no token")
        return RegistryToken(token, username)
    if token := _text(entry, "identitytoken"):
        return IdentityToken(token, username or _decoded(_text(entry, "auth"))[0])
    if auth := _text(entry, "auth"):
        return _password(*_decoded(auth))
    return _password(username, _text(entry, "password")) if username else None


def same_registry(key: str, host: str) -> bool:
    """Whether a key such as `https://reg.example.com/v1/` means the registry `host`; one with more path does not."""
    name, _, path = key.removeprefix("https://").removeprefix("http://").partition("/")
    if path.strip("/") not in ("", "v1", "v2"):
        return False
    return usual_host(name) == usual_host(host)


def key_of(host: str) -> str:
    """The name under which docker keeps the credentials of this registry."""
    return HUB_KEY if host in HUB_NAMES else host


def _password(username: str, secret: str) -> Password:
    if not username:
        raise ValueError("no user name")
    return Password(username, secret)


def _decoded(auth: str) -> tuple[str, str]:
    """User name and password; the password may hold colons. Trailing NULs are padding of old helpers."""
    if not auth:
        return "", ""
    try:
        text = base64.b64decode(auth + "=" * (-len(auth) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError("its auth field is not base64 of user:password") from None
    username, colon, password = text.partition(":")
    if not colon:
        raise ValueError("its auth field is not base64 of user:password")
    return username, password.rstrip("\0")


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name, "")
    return value if isinstance(value, str) else ""


def _items(value: object) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()


def _document(text: str, name: str) -> dict[str, Any]:
    try:
        document = json.loads(text) if text.strip() else {}
    except json.JSONDecodeError as failure:
        raise UsageError(
            name, f"is not valid JSON at line {failure.lineno}, column {failure.colno}", "mend or remove it"
        ) from None
    except (ValueError, RecursionError):
        raise UsageError(name, "is not valid JSON", "mend or remove it") from None
    if not isinstance(document, dict):
        raise UsageError(name, "is not a JSON object", "mend or remove it")
    return document
