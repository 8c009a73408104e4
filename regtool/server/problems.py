"""What the registry refuses, in the form that clients expect (OCI distribution-spec, "Error Codes")."""

import json
from collections.abc import Sequence
from typing import Self

from regtool.server.message import Response
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of an error body."""

    code: str
    message: str
    detail: object = None

    def as_json(self) -> dict[str, object]:
        """The entry; a detail only if there is one."""
        entry: dict[str, object] = {"code": self.code, "message": self.message}
        return entry if self.detail is None else entry | {"detail": self.detail}


class Problem(Exception):
    """A request that is answered with an error. Handlers raise it, and `app` turns it into the answer."""

    def __init__(self, status: int, faults: Sequence[Fault], headers: dict[str, str] | None = None) -> None:
        super().__init__(status, faults)
        self.status = status
        self.faults = faults
        self.headers = headers or {}

    @classmethod
    def of(
        cls, status: int, code: str, message: str, detail: object = None, *, headers: dict[str, str] | None = None
    ) -> Self:
        """A problem with a single fault."""
        return cls(status, (Fault(code, message, detail),), headers)

    @classmethod
    def unlisted(cls, status: int, text: str) -> Self:
        """A problem that the specification has no code for; it allows any other form of body then."""
        return cls(status, [Fault("", text)])

    def response(self) -> Response:
        """The answer."""
        if not self.faults[0].code:
            return Response(self.status, {"Content-Type": "text/plain; charset=utf-8"}, self.faults[0].message.encode())
        body = json.dumps({"errors": [fault.as_json() for fault in self.faults]}).encode()
        return Response(self.status, {"Content-Type": "application/json", **self.headers}, body)


def blob_unknown(digest: str) -> Problem:
    """No such blob in this repository."""
    return Problem.of(404, "BLOB_UNKNOWN", "blob unknown to registry", {"digest": digest})


def manifest_unknown(reference: str) -> Problem:
    """No such manifest or tag in this repository."""
    return Problem.of(404, "MANIFEST_UNKNOWN", "manifest unknown to registry", {"reference": reference})


def upload_unknown(identifier: str) -> Problem:
    """No such upload, or one that has ended."""
    return Problem.of(404, "BLOB_UPLOAD_UNKNOWN", "no such upload, or it has ended", {"upload": identifier})


def name_unknown(name: str) -> Problem:
    """A repository that nothing was pushed to."""
    return Problem.of(404, "NAME_UNKNOWN", "repository name not known to registry", {"name": name})


def name_invalid(name: str, why: str) -> Problem:
    """A repository name outside the grammar."""
    return Problem.of(400, "NAME_INVALID", f"invalid repository name: {why}", {"name": name})


def digest_invalid(digest: str, why: str) -> Problem:
    """A digest that is none, is of an unknown algorithm, or does not match the content."""
    return Problem.of(400, "DIGEST_INVALID", why, {"digest": digest})


def manifest_invalid(why: str) -> Problem:
    """A manifest that the registry does not take."""
    return Problem.of(400, "MANIFEST_INVALID", why)


def unsupported(status: int, why: str, headers: dict[str, str] | None = None) -> Problem:
    """Something that this registry does not do."""
    return Problem.of(status, "UNSUPPORTED", why, headers=headers)
