"""Why an exchange brought no usable answer, in words, and what that means for trying again."""

import enum

from regtool.errors import RegtoolError, TimedOutError, UnreachableError
from regtool.values import dataclass


class Kind(enum.Enum):
    """The kinds of failure that call for different behaviour."""

    NAME = "name"  # the host name does not resolve
    NAME_FOR_NOW = "name for now"  # the resolver is in trouble
    CONNECT = "connect"  # nothing listens there, or no route
    REFUSED = "refused"  # our own policy does not go there
    TLS = "tls"
    PROXY = "proxy"
    STALE = "stale"  # a kept-alive connection that the server had given up
    BROKEN = "broken"  # the connection ended in the middle
    GARBLED = "garbled"  # what came is not HTTP
    SLOW = "slow"  # no byte for too long
    DEADLINE = "deadline"  # the total time is over


class ConnectFailed(Exception):
    """No connection came about; the cause says why."""


class ConnectTimedOut(ConnectFailed):
    """No connection came about in time."""


class ProxyUntrusted(ConnectFailed):
    """No TLS connection to a proxy came about; the cause says why."""


class ProxyRefused(Exception):
    """A proxy does not connect to the server; the text is its answer."""


class Disconnected(Exception):
    """The other side ended the connection before it had answered, or in the middle of its answer."""


@dataclass(slots=True, eq=False)
class ExchangeFailed(Exception):
    """One exchange failed. `why` names the server and the reason; `hint` the way out, if there is one."""

    kind: Kind
    why: str
    hint: str | None = None

    def error(self, what: str) -> RegtoolError:
        """This failure as the error that callers of the transport see."""
        late = self.kind in (Kind.SLOW, Kind.DEADLINE)
        return (TimedOutError if late else UnreachableError)(what, self.why, self.hint)
