"""What is asked and what is answered, as values."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import field

from regtool.transport.headers import Headers
from regtool.transport.scope import Scope
from regtool.values import dataclass

MEBIBYTE = 1024 * 1024
DEFAULT_LIMIT = 4 * MEBIBYTE  # what registries accept for one manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A streamed body that can be opened anew, for each try. `size` in bytes is sent as `Content-Length`."""

    size: int
    open: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a registry.

    `host` is the registry as its users name it (`docker.io`, `[::1]:5000`). `target` is path and query on that
    registry, sent byte for byte, or an absolute URL that the registry named; such a URL has to pass `destination`.
    `scopes` are the rights that the work needs; they come first that this very request needs.
    `what` is the thing that an error message names. At most `limit` bytes of the answer's body are read.
    """

    method: str
    host: str
    target: str
    what: str
    scopes: tuple[Scope, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Body | None = None
    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer, whatever its status. `content` is the body as received, never decoded.

    `url` is where the answer came from, after redirects: what a relative `Location` or `Link` is relative to.
    `advice` is what the client knows about a refusal and the server does not say, such as credentials held back.
    """

    status: int
    headers: Headers
    content: bytes
    url: str
    advice: str | None = None
