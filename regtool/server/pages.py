"""Long lists in pages: `n`, `last` and the `Link` to the next one (OCI distribution-spec, "Listing Tags")."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from regtool.server.message import Request, Response
from regtool.server.problems import unsupported

MAX_PAGE = 1000


def page(names: list[str], request: Request, wrap: dict[str, Any], key: str) -> Response:
    """The page of sorted `names` that the request asks for, as JSON under `key` beside what `wrap` has."""
    wanted, last = _wanted(request), request.parameter("last")
    rest = [name for name in names if last is None or name > last]
    shown = rest[:wanted]
    headers = {"Content-Type": "application/json"}
    if shown and len(rest) > len(shown):
        query = urlencode({"n": wanted, "last": shown[-1]})
        headers["Link"] = f'<{quote(request.path)}?{query}>; rel="next"'
    return Response(200, headers, json.dumps({**wrap, key: shown}).encode())


def _wanted(request: Request) -> int:
    text = request.parameter("n")
    if text is None:
        return MAX_PAGE
    if not text.isascii() or not text.isdecimal():
        raise unsupported(400, f"n is {text!r}, not the number of entries that a page should have")
    return min(int(text[:9]), MAX_PAGE)
