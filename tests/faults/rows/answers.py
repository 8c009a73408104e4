"""The registry answers something else than what was asked for: refusals, bad moments, and content that is wrong."""

import hashlib
import json
from collections.abc import Callable
from email.utils import formatdate

from tests.faults.proxy import Answered, Forward, Reaction, changed, instead
from tests.faults.row import After, Row, remove
from tests.faults.rows.arranging import LARGE, NO_DIGEST, Arrange, always, header, on, pulling, pushing
from tests.faults.world import LAYER, LOOK, READ, WRITE, World
from tests.transport.fixtures import VirtualClock
from tests.transport.scripted import CLOSE, Reply, Seen, answer, refusal

_DENIED = instead(refusal(403, "DENIED", "requested access to the resource is denied"))
_UNKNOWN = instead(refusal(404, "MANIFEST_UNKNOWN", "manifest unknown"))
_VERBS = {"HEAD": LOOK, "GET": READ, "PUT": WRITE}
_UPLOAD = {"POST": "POST .*/blobs/uploads", "PUT of a blob": "PUT .*/blobs/uploads"}


def too_many(value: str | None) -> Reaction:
    """Answers "too many requests" with this `Retry-After`."""
    fields = {} if value is None else {"Retry-After": value}
    return instead(refusal(429, "TOOMANYREQUESTS", "slow down", fields))


def later(value: str | None, times: int | None = 1) -> Arrange:
    """The same for the first read, or for so many."""
    return on(READ, too_many(value), times)


def by_date() -> Arrange:
    """The same as a date, by the clock of the test."""

    def arrange(world: World) -> None:
        later(formatdate(VirtualClock().time() + 40, usegmt=True))(world)

    return arrange


def waited(least: float) -> Callable[[World], None]:
    """The run waited so many seconds at least."""

    def check(world: World) -> None:
        assert isinstance(world.clock, VirtualClock)
        assert sum(world.clock.slept) >= least

    return check


def nothing_was_written(world: World) -> None:
    """Not even a part of it."""
    assert not [asked for asked in world.proxy.asked if asked.split()[0] in ("PUT", "POST", "PATCH", "DELETE")]


def asked_once(world: World) -> None:
    """What cannot help is not tried again."""
    assert world.proxy.rules[0].met == 1


def body(content: bytes, media_type: str = "application/vnd.oci.image.index.v1+json") -> Reaction:
    """Another document, with a digest that fits."""
    fields = {"Content-Type": media_type, "Docker-Content-Digest": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    return instead(answer(200, content, fields))


def altered(answered: Answered) -> Answered:
    """The right header over another body."""
    return Answered(answered.status, answered.headers, answered.body.replace(b'"size":', b'"size": ', 1))


def pinned(world: World) -> None:
    """A source by digest, whose body is another one, and so is the registry's word for it."""
    digest = json.loads(world.fetch("manifests/1.0") or b"{}")["manifests"][0]["digest"]
    world.sources = (f"{world.proxy.host}/{world.repository}@{digest}", f"{world.proxy.host}/{world.repository}:arm64")
    world.proxy.on(f"GET .*/manifests/{digest}", body(b'{"schemaVersion": 2}'))


def of_a_list(*arrangements: Arrange) -> Arrange:
    """The first source is a list, whose image has to be brought."""

    def arrange(world: World) -> None:
        place = f"{world.proxy.host}/{world.repository}"
        world.sources = (f"{place}:1.0", f"{place}:arm64")

    return pulling(arrange, *arrangements)


def a_lie_about_a_child(world: World) -> None:
    """A list whose entry says another size than the child has."""
    listed = json.loads(world.fetch("manifests/1.0") or b"{}")
    listed["manifests"][0]["size"] += 1
    pulling()(world)
    world.proxy.on(READ, body(json.dumps(listed).encode()))


async def _bomb(seen: Seen, forward: Forward) -> Reply:
    import gzip

    content = gzip.compress(gzip.compress(bytes(64 * 1024 * 1024)))
    return answer(200, content, {"Content-Encoding": "gzip, gzip", "Content-Type": "application/json"})


async def _endless(seen: Seen, forward: Forward) -> Reply:
    head = answer(200, b"", {"Content-Type": "application/vnd.oci.image.index.v1+json"}, length=None)
    return [head, *[b" " * 65536] * 100, CLOSE]


_HOSTILE = {
    "nested 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "with a key twice": b'{"schemaVersion": 2, "manifests": [], "manifests": []}',
    "with a key twice, once in capitals": b'{"schemaVersion": 2, "manifests": [], "Manifests": []}',
    "with NaN": b'{"schemaVersion": NaN, "manifests": []}',
    "in UTF-16": '{"schemaVersion": 2, "manifests": []}'.encode("utf-16"),
    "with a number of a million digits": b'{"schemaVersion": 2, "manifests": [], "size": ' + b"9" * 1_000_000 + b"}",
    "with a negative size": b'{"schemaVersion": 2, "manifests": [{"mediaType": "a/b", "digest": "sha256:'
    + b"0" * 64 + b'", "size": -1}]}',
    "with a digest that is a path": b'{"schemaVersion": 2, "manifests": [{"mediaType": "a/b", '
    b'"digest": "sha256:../../etc/passwd", "size": 1}]}',
    "that is a list and an image": b'{"schemaVersion": 2, "manifests": [], "config": {}, "layers": []}',
}  # fmt: skip

# fmt: off
ROWS = [
    Row(15, "429, Retry-After: 7", later("7"), check=waited(7)),
    Row(16, "429, Retry-After as a date", by_date(), check=waited(39)),
    Row(17, "429, Retry-After as a moment since 1970", later(str(int(VirtualClock().time()) + 40)), check=waited(39)),
    Row(18, "429, Retry-After: 3600", later("3600", None), code=5),
    Row(15, "429 on an upload, Retry-After: 7", pushing(on("PUT .*/blobs", too_many("7"))), check=waited(7)),
    Row(18, "429 on an upload, Retry-After: 3600", pushing(always("PUT .*/blobs", too_many("3600"))), code=5),
    Row(18, "429, Retry-After: -1", later("-1")),
    Row(18, "429, Retry-After: soon", later("soon")),
    Row(19, "429 without a word, always", later(None, None), code=5),
    *(Row(20, f"{status} on {verb}, once", on(pattern, instead(refusal(status))))
      for status in (500, 502, 504) for verb, pattern in _VERBS.items()),
    *(Row(20, f"502 on {verb}, once", pushing(on(pattern, instead(refusal(502)))))
      for verb, pattern in _UPLOAD.items()),
    Row(20, "502 on DELETE, once", on("DELETE", instead(refusal(502))), work=remove, after=After.OLD, heals=False),
    Row(20, "500 on a read, always", always(READ, instead(refusal(500))), code=6),
    *(Row(21, f"503 on {verb}, once", on(pattern, instead(refusal(503)))) for verb, pattern in _VERBS.items()),
    *(Row(21, f"503 on {verb}, Retry-After: 5", on(pattern, instead(refusal(503, headers={"Retry-After": "5"}))),
          check=waited(5)) for verb, pattern in _VERBS.items()),
    Row(21, "503 on a write, always", always(WRITE, instead(refusal(503, "UNAVAILABLE", "maintenance"))), code=6),
    *(Row(22, f"{status} on a read, once", on(READ, instead(refusal(status)))) for status in (408, 425, 499, 522)),
    Row(23, "501", always(READ, instead(refusal(501, "UNSUPPORTED", "not here"))), code=2, check=asked_once),
    Row(23, "505", always(READ, instead(answer(505))), code=6, check=asked_once),
    Row(23, "400", always(READ, instead(refusal(400, "NAME_INVALID", "bad name"))), code=2, check=asked_once),
    Row(26, "403 on a read", always(READ, _DENIED), code=4, check=nothing_was_written),
    Row(26, "403 on the write", always(WRITE, _DENIED), code=4),
    Row(27, "a source that is missing", always(READ, _UNKNOWN), code=3, check=nothing_was_written),
    Row(27, "an image of a list that is missing", of_a_list(always("GET .*/manifests/sha256", _UNKNOWN)), code=3,
        check=nothing_was_written),
    Row(29, "405 on HEAD", always("HEAD", instead(answer(405)))),
    Row(29, "405 on DELETE", always("DELETE", instead(refusal(405, "UNSUPPORTED", "no"))), work=remove, code=7,
        heals=False),
    Row(32, "another Docker-Content-Digest", always(READ, changed(header("Docker-Content-Digest", NO_DIGEST))),
        code=8, check=nothing_was_written),
    Row(32, "another body than the Docker-Content-Digest says", always(READ, changed(altered)), code=8,
        check=nothing_was_written),
    Row(32, "another body for a digest", pinned, code=8, check=nothing_was_written),
    Row(32, "another size than the list says", a_lie_about_a_child, code=8),
    Row(32, "another blob", pulling(always(LAYER, instead(answer(200, bytes(LARGE))))), layer=LARGE, code=8),
    Row(33, "Content-Type: text/html", always(READ, changed(header("Content-Type", "text/html"))), code=8),
    Row(33, "the Content-Type of a list on an image",
        always(READ, changed(header("Content-Type", "application/vnd.oci.image.index.v1+json"))), code=8),
    Row(33, "no Content-Type", always(READ, changed(header("Content-Type", None)))),
    *(Row(34, f"JSON {what}", always(READ, body(content)), code=8) for what, content in _HOSTILE.items()),
    Row(39, "a manifest of 2 GiB", always(READ, instead(answer(200, b"{", length=2**31), CLOSE)), code=8),
    Row(39, "a manifest without an end", always(READ, _endless), code=8),
    Row(39, "a gzip bomb in a gzip bomb", always(READ, _bomb), code=8),
    Row(39, "headers without an end", always(READ, instead(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000)), code=6),
]
