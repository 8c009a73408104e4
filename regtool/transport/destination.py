"""The one decision about every URL that a server names: whether to go there, and who may know about it.

Token realms, redirects and upload locations are words of the server, and a hostile or broken server names what it
likes. `Guide.decide` answers for all of them, so that credentials reach only

- the registry's own origin: scheme, host and port;
- as a token realm: the known pairs below, a host under the same registrable domain, and what the user allowed.

Everything else is visited without credentials, over https where the registry speaks https, and not at addresses that
lie further inside than the registry itself.
"""

from collections.abc import Callable, Mapping
from enum import Enum

from regtool.errors import UnreachableError
from regtool.transport.address import Depth, depth_of, is_disguised, is_literal, objection
from regtool.transport.endpoint import origin_of
from regtool.transport.origin import Origin, Place, split_url
from regtool.transport.redact import redact
from regtool.transport.settings import Settings
from regtool.transport.suffix import are_siblings
from regtool.values import dataclass

# The registries that are known to keep their token server at another address.
_PAIRS = {"docker.io": "auth.docker.io", "registry.gitlab.com": "gitlab.com"}


class Purpose(Enum):
    """What a URL was named for."""

    REALM = "token server"
    REDIRECT = "redirect"
    LOCATION = "upload location"


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry by the name of its users, and the server behind it."""

    name: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to go; `trusted` with the registry's credentials. `judge` looks at addresses, None where any will do."""

    place: Place
    trusted: bool
    judge: Callable[[str], str | None] | None = None


class Guide:
    """Decides, with the settings of one client and the addresses that it has connected to so far."""

    def __init__(self, settings: Settings, reached: Mapping[str, str]) -> None:
        self._settings = settings
        self._reached = reached

    def registry(self, name: str) -> Registry:
        """The registry of this name. Raises UsageError for what is no host."""
        return Registry(name, origin_of(name, self._settings))

    def decide(self, purpose: Purpose, url: str, registry: Registry, via: Place) -> Destination:
        """Whether and how to go to `url`, which the server at `via` named while we talk to `registry`.

        Raises UnreachableError, naming both hosts, for a place that is not gone to.
        """
        place = split_url(via.join(url))
        if place is None:
            raise self._refusal(purpose, url, registry, "that is no plain http or https URL")
        place = _rebased(place, registry.origin)
        if place.origin == registry.origin:
            return Destination(place, trusted=True)
        return self._elsewhere(purpose, place, registry, via)

    def _elsewhere(self, purpose: Purpose, place: Place, registry: Registry, via: Place) -> Destination:
        origin = place.origin
        if origin.scheme == "http" and "https" in (registry.origin.scheme, via.origin.scheme):
            raise self._refusal(purpose, str(place), registry, "that leaves https for plain http")
        if is_disguised(origin.host):
            raise self._refusal(purpose, str(place), registry, "that is an IP address in disguise")
        if self._allowed(purpose, origin, registry):
            return Destination(place, trusted=purpose is Purpose.REALM)
        depth = self._depth(registry)
        reason = objection(origin.host, depth) if is_literal(origin.host) else None
        if reason:
            raise self._refusal(purpose, str(place), registry, f"that is {reason}")
        return Destination(place, self._is_kin(purpose, origin, registry), lambda address: objection(address, depth))

    def _allowed(self, purpose: Purpose, origin: Origin, registry: Registry) -> bool:
        own = self._settings.host(registry.name)
        if purpose is not Purpose.REALM:
            return bool(_names(origin) & own.storage)
        return bool(_names(origin) & (own.auth_realms | self._settings.auth_realms.get(registry.name, frozenset())))

    def _is_kin(self, purpose: Purpose, origin: Origin, registry: Registry) -> bool:
        """Whether credentials may go to this token server, though nobody said so."""
        if purpose is not Purpose.REALM:
            return False
        if _PAIRS.get(registry.name) == origin.authority:
            return True
        return origin.scheme == registry.origin.scheme == "https" and are_siblings(registry.origin.host, origin.host)

    def _depth(self, registry: Registry) -> Depth:
        host = registry.origin.host
        address = self._reached.get(host, host)
        return depth_of(address) if is_literal(address) else Depth.PUBLIC

    @staticmethod
    def _refusal(purpose: Purpose, url: str, registry: Registry, reason: str) -> UnreachableError:
        return UnreachableError(
            registry.name, f"names {redact(url)} as its {purpose.value}, but {reason}", "not going there"
        )


def _rebased(place: Place, own: Origin) -> Place:
    """A registry behind a proxy that ends TLS may believe that it speaks http: its own name means the way we came."""
    mistaken = place.origin.scheme == "http" and own.scheme == "https" and place.origin.host == own.host
    return Place(own, place.target) if mistaken and place.origin.port in (80, own.port) else place


def _names(origin: Origin) -> set[str]:
    """How a user may write this origin: with or without the port, if that is the usual one."""
    return {origin.authority, f"{origin.authority.rpartition(':')[0] or origin.host}:{origin.port}", str(origin)}
