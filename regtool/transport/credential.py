"""What proves who the user is, in the three forms that registries know."""

import base64
from dataclasses import field
from typing import TypeAlias

from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Password:
    """A user name with a password or access token."""

    username: str
    secret: str = field(repr=False)

    @property
    def basic(self) -> str:
        """The value of `Authorization` (RFC 7617)."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.secret}".encode()).decode()


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """An OAuth2 refresh token: good for asking a token server, never sent to the registry itself."""

    secret: str = field(repr=False)
    username: str = ""


@dataclass(frozen=True, slots=True)
class RegistryToken:
    """A bearer token made elsewhere, sent to the registry as it is."""

    secret: str = field(repr=False)
    username: str = ""


Credential: TypeAlias = Password | IdentityToken | RegistryToken


@dataclass(frozen=True, slots=True)
class Found:
    """A credential, and the source that it came from, in words for `whoami`."""

    credential: Credential
    source: str
