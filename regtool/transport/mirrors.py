"""Mirrors: other registries that hold copies, asked first for what is only read. Set up in the configuration file."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from regtool.errors import RegtoolError
from regtool.transport.events import Event, Warned
from regtool.transport.message import Request
from regtool.transport.scope import reads_only
from regtool.transport.sender import Received
from regtool.transport.settings import Settings

_SHARE = 3  # a mirror gets this fraction of the time, so that enough is left for the registry itself


class Mirrors:
    """Asks the mirrors of a registry in their order. One that cannot be reached is left out for the rest of the run.

    Only requests that need no more than pull go there: what is read to be compared with what was just written has to
    come from the registry itself.
    """

    def __init__(self, settings: Settings, listen: Callable[[Event], None]) -> None:
        self._settings = settings
        self._listen = listen
        self._dead: set[str] = set()

    async def ask(self, request: Request, ask: Callable[[Request, float], Awaitable[Received]]) -> Received | None:
        """The answer of the first mirror that has what is asked for; None if the registry itself is to be asked."""
        for mirror in self._mirrors(request):
            try:
                received = await ask(_for(mirror, request), self._settings.timeout / _SHARE)
            except RegtoolError as failure:
                self._dead.add(mirror)
                self._listen(Warned(host=mirror, text=f"this mirror of {request.host} is left out: {failure.why}"))
                continue
            if received.response.status < 400:
                return received
        return None

    def _mirrors(self, request: Request) -> list[str]:
        if (
            request.method not in ("GET", "HEAD")
            or not reads_only(request.scopes)
            or not request.target.startswith("/")
        ):
            return []
        return [mirror for mirror in self._settings.host(request.host).mirrors if mirror not in self._dead]


def _for(mirror: str, request: Request) -> Request:
    """The same question for a mirror: `ns` names the registry that it stands for (containerd's convention)."""
    joint = "&" if "?" in request.target else "?"
    return replace(request, host=mirror, target=f"{request.target}{joint}ns={request.host}")
