"""What the transport tells while it works, as frozen values. None of them holds a secret; URLs are redacted."""

from typing import TypeAlias

from regtool.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One request got an answer. `seconds` up to the end of what was read, `received` and `sent` in bytes of body."""

    method: str
    url: str
    status: int
    seconds: float
    received: int
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """One request got no usable answer."""

    method: str
    url: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """The request is sent again after `wait` seconds; `attempt` counts from 2."""

    method: str
    url: str
    reason: str
    wait: float
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAsked:
    """A token is asked for; `account` is empty for an anonymous one, `source` is where the credentials were found."""

    registry: str
    realm: str
    scopes: tuple[str, ...]
    account: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A warning to show once: from the registry's `Warning` header, or about a source of credentials."""

    host: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaSeen:
    """The registry said how many requests are left of how many, in a window of so many seconds (0: not said)."""

    host: str
    limit: int
    remaining: int
    window: int


Event: TypeAlias = Answered | Failed | Retrying | TokenAsked | Warned | QuotaSeen


def ignore(event: Event) -> None:
    """Listens to nothing."""
