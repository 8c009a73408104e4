"""Which path and method is answered by what (OCI distribution-spec, "Endpoints")."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from regtool.server.blobs import delete_blob, get_blob
from regtool.server.manifests import delete_manifest, get_manifest, put_manifest
from regtool.server.message import Request, Response
from regtool.server.problems import Problem, unsupported
from regtool.server.referrers import list_referrers
from regtool.server.repositories import Repositories
from regtool.server.tags import list_repositories, list_tags
from regtool.server.uploads import UploadRoutes
from regtool.values import dataclass

Handler = Callable[[Request], Awaitable[Response]]

_READING = ("GET", "HEAD")
_WRITING = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Route:
    """A form of path and its methods."""

    path: re.Pattern[str]
    methods: Mapping[str, Handler]


async def ping(_: Request) -> Response:
    """Answers `GET /v2/`: yes, this is a registry."""
    return Response(200, {"Content-Type": "application/json"}, b"{}")


async def refuse(_: Request) -> Response:
    """Answers whatever would write where nothing may be written."""
    raise unsupported(405, "this registry is read-only", {"Allow": ", ".join(_READING)})


def routes(repositories: Repositories, uploads: UploadRoutes | None) -> tuple[Route, ...]:
    """All routes; without `uploads` whatever would write is refused.

    A name may have slashes, so the last part of a path that fits decides.
    """

    def bound(function: Callable[[Repositories, Request], Awaitable[Response]]) -> Handler:
        return partial(function, repositories)

    blobs = _read(bound(get_blob)) | {"DELETE": bound(delete_blob)}
    manifests = _read(bound(get_manifest)) | {"PUT": bound(put_manifest), "DELETE": bound(delete_manifest)}
    begin, upload = _uploading(uploads) if uploads else ({}, {})
    table = (
        _route(r"/v2/?", _read(ping)),
        _route(r"/v2/_catalog", _read(bound(list_repositories))),
        _route(r"/v2/(?P<name>.+)/tags/list", _read(bound(list_tags))),
        _route(r"/v2/(?P<name>.+)/blobs/uploads/?", begin),
        _route(r"/v2/(?P<name>.+)/blobs/uploads/(?P<upload>[^/]+)", upload),
        _route(r"/v2/(?P<name>.+)/blobs/(?P<digest>[^/]+)", blobs),
        _route(r"/v2/(?P<name>.+)/manifests/(?P<reference>[^/]+)", manifests),
        _route(r"/v2/(?P<name>.+)/referrers/(?P<digest>[^/]+)", _read(bound(list_referrers))),
    )
    return table if uploads else tuple(_read_only(route) for route in table)


def find(table: tuple[Route, ...], request: Request) -> tuple[Handler, Request]:
    """The handler of a request, and the request with what its path says. Raises Problem."""
    for route in table:
        if found := route.path.fullmatch(request.path):
            handler = route.methods.get(request.method)
            if handler is None:
                allowed = {"Allow": ", ".join(route.methods)}
                raise unsupported(405, f"{request.method} does nothing here", allowed)
            return handler, request.with_words(found.groupdict())
    raise Problem.of(404, "UNSUPPORTED", "no such path in a registry")


def _uploading(uploads: UploadRoutes) -> tuple[dict[str, Handler], dict[str, Handler]]:
    """How an upload begins, and how it goes on."""
    going_on: dict[str, Handler] = {
        "PATCH": uploads.append,
        "PUT": uploads.finish,
        "GET": uploads.status,
        "DELETE": uploads.cancel,
    }
    return {"POST": uploads.begin}, going_on


def _read_only(route: Route) -> Route:
    kept = {method: handler for method, handler in route.methods.items() if method in _READING}
    return Route(route.path, dict.fromkeys(_WRITING, refuse) | kept)


def _read(handler: Handler) -> dict[str, Handler]:
    return dict.fromkeys(_READING, handler)


def _route(path: str, methods: Mapping[str, Handler]) -> Route:
    return Route(re.compile(path), methods)
