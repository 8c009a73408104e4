"""The registry as an ASGI application."""

import logging
import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from pathlib import Path

from regtool.errors import RegtoolError, StorageError
from regtool.server.access import Access, access_for
from regtool.server.hosts import check_host
from regtool.server.message import PATIENT, ClientGone, Patience, Receive, Request, Response, Scope, Send
from regtool.server.problems import Problem
from regtool.server.repositories import OneLayout, Repositories, is_layout
from regtool.server.routes import Route, find, routes
from regtool.server.sessions import Uploads
from regtool.server.uploads import UploadRoutes
from regtool.values import dataclass

_UPLOADS = "_uploads"  # no repository can have this name
log = logging.getLogger(__name__)

# No browser is to take a blob for a page, and old clients look for the second.
_ALWAYS = {"X-Content-Type-Options": "nosniff", "Docker-Distribution-Api-Version": "registry/2.0"}


@dataclass(frozen=True, slots=True)
class Answered:
    """One request that was answered. Printed, it is a line of an access log."""

    client: str
    method: str
    target: str
    version: str
    status: int

    def __str__(self) -> str:
        return f'{self.client} "{self.method} {self.target} HTTP/{self.version}" {self.status}'


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients have to keep to: the names they may use, besides addresses and localhost, and the time they have."""

    hosts: frozenset[str]
    patience: Patience


Listen = Callable[[Answered], None]


def ignore(_: Answered) -> None:
    """Listens to nothing."""


def create_app(
    root: Path | None,
    *,
    users: Mapping[str, str] | None = None,
    tokens: bool = False,
    hosts: Collection[str] = (),
    strict: bool = True,
    listen: Listen = ignore,
    patience: Patience = PATIENT,
) -> "App":
    """A registry over the layouts below `root`; without one, over a new directory that is gone when it is closed.

    A `root` that is itself a layout is served as it lies, and nothing is written to it.
    With `users` (names and their passwords) it asks for Basic authentication or, with `tokens`, for the tokens that
    its own `/token` gives for them. `hosts` are further names that it may be called by. `strict` false takes
    manifests whose parts are not here. Raises StorageError.
    """
    limits = Limits(frozenset(hosts), patience)
    return App(root, access_for(users, tokens=tokens), limits, strict=strict, listen=listen)


class App:
    """A registry that is ready to be served. `close` it in the end."""

    def __init__(self, root: Path | None, access: Access, limits: Limits, *, strict: bool, listen: Listen) -> None:
        self._closing = ExitStack()
        if root is None:
            root = Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="regtool-")))
        self._access = access
        self._limits = limits
        self._listen = listen
        self._routes = _routes(root, strict=strict)

    @property
    def patience(self) -> Patience:
        """How long clients may take."""
        return self._limits.patience

    def close(self) -> None:
        """Removes the directory if it was a temporary one."""
        self._closing.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request. Other kinds of connections are not for a registry."""
        if scope["type"] != "http":
            return
        request = Request.of(scope, receive, self._limits.patience)
        response = await self._answer(request)
        self._listen(_answered(scope, response))
        try:
            await Response(response.status, _ALWAYS | response.headers, response.body).send(send)
        except RegtoolError as error:  # in the middle of a body: all that is left is not to finish it
            log.warning("%s", error)

    async def _answer(self, request: Request) -> Response:
        try:
            check_host(request, self._limits.hosts)
            if answer := await self._access.check(request):
                return answer
            handler, request = find(self._routes, request)
            return await handler(request)
        except Problem as problem:
            return problem.response()
        except ClientGone:
            return Problem.of(408, "BLOB_UPLOAD_INVALID", "the body ended early", headers=_CLOSE).response()
        except RegtoolError as error:
            log.warning("%s", error)
            status = 507 if isinstance(error, StorageError) else 500
            return Problem.of(status, "UNKNOWN", str(error)).response()
        except Exception:
            log.exception("cannot answer %s %r", request.method, request.path)
            return Problem.of(500, "UNKNOWN", "the registry has a defect").response()


_CLOSE = {"Connection": "close"}


def _routes(root: Path, *, strict: bool) -> tuple[Route, ...]:
    """What is answered over a directory. One that is itself a layout is somebody else's: it is only read."""
    if is_layout(root):
        return routes(OneLayout(root), None)
    repositories = Repositories(root, strict=strict)
    return routes(repositories, UploadRoutes(repositories, Uploads(root / _UPLOADS)))


def _answered(scope: Scope, response: Response) -> Answered:
    client = (scope.get("client") or ("-",))[0]
    target = scope.get("raw_path", b"").decode("latin-1")
    if query := scope["query_string"].decode("latin-1"):
        target += f"?{query}"
    return Answered(str(client), scope["method"], target, scope.get("http_version", "1.1"), response.status)
