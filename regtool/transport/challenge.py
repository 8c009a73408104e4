"""What a 401 asks for: the `WWW-Authenticate` header (RFC 9110 11.6.1), with names in lower case."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from regtool.values import dataclass

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.?+)*+(?:"|\Z)'  # also one that does not end, or looking for the end would take forever
# One step of the header: a parameter, a scheme, or whatever else stands there and is skipped.
_STEP = re.compile(
    rf"(?P<name>{_TOKEN})[ \t]*=[ \t]*(?P<value>{_QUOTED}|[^\s,\"]+)"
    rf"|(?P<scheme>{_TOKEN})(?=[\s,]|$)"
    rf"|{_QUOTED}|[^\s,]|[\s,]+",
    re.DOTALL,
)
_LONGEST = 16 * 1024


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate: `bearer` with realm, service and scope, or `basic`, or another scheme."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """A parameter, empty if the server did not give it."""
        return self.parameters.get(name, "")

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that a bearer challenge asks for: one parameter may name several."""
        return tuple(self.get("scope").split())


def parse_challenges(headers: Iterable[str]) -> list[Challenge]:
    """All challenges of these header fields, in order: one field may hold several, and there may be several fields.

    Never fails: what cannot be read is skipped, as proxies add schemes of their own.
    """
    return [challenge for header in headers for challenge in _parse(header[:_LONGEST])]


def choose(challenges: Iterable[Challenge]) -> Challenge | None:
    """The challenge to answer: bearer with a realm, else basic, else none."""
    for scheme in ("bearer", "basic"):
        for challenge in challenges:
            if challenge.scheme == scheme and (scheme == "basic" or challenge.get("realm")):
                return challenge
    return None


def _parse(header: str) -> Iterator[Challenge]:
    scheme, parameters = "", dict[str, str]()
    for step in _STEP.finditer(header):
        if step["scheme"]:
            if scheme:
                yield Challenge(scheme, parameters)
            scheme, parameters = step["scheme"].lower(), {}
        elif step["name"] and scheme:
            parameters.setdefault(step["name"].lower(), _unquoted(step["value"]))
    if scheme:
        yield Challenge(scheme, parameters)


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.DOTALL) if value.endswith('"') else ""
