"""What is sent again, when, and how often.

Repeating is safe for everything that registries define but `PATCH`, which appends: a manifest or blob is named by its
content, an upload that was started twice is one too many, and what is deleted stays deleted. `PATCH` is only repeated
where nothing can have been done: no connection, or a plain "later" (429).
"""

from regtool.transport.failure import ExchangeFailed, Kind
from regtool.values import dataclass

PASSING = frozenset({408, 425, 429, 499, 500, 502, 503, 504, 522})
MOST_TRIES = 6
MOST_CONNECTS = 3  # a port that nobody listens on seldom changes its mind
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0  # seconds; the bound of the wait doubles from one to the other
_REPEATABLE = frozenset({Kind.STALE, Kind.BROKEN, Kind.SLOW})
_UNCONNECTED = frozenset({Kind.CONNECT, Kind.NAME_FOR_NOW})


@dataclass(frozen=True, slots=True)
class Again:
    """Another try: after `wait` seconds, because of `reason`. A `pause` is for all requests to this server."""

    wait: float
    reason: str
    pause: bool = False


def after_answer(method: str, status: int, asked: float | None, tries: int, chance: float) -> Again | None:
    """Whether an answer is worth another try. `asked` is `Retry-After` in seconds, `chance` from 0 to 1."""
    if status not in PASSING or tries >= MOST_TRIES or (method == "PATCH" and status != 429):
        return None
    # A little later than asked, or all clients that were sent away come back at once.
    wait = backoff(tries, chance) if asked is None else asked + chance * min(1.0, asked / 10)
    return Again(wait, f"status {status}", pause=status == 429 or asked is not None)


def after_failure(method: str, failure: ExchangeFailed, tries: int, chance: float) -> Again | None:
    """Whether a failed exchange is worth another try."""
    if failure.kind in _UNCONNECTED:
        return Again(backoff(tries, chance), failure.why) if tries < MOST_CONNECTS else None
    if failure.kind not in _REPEATABLE or method == "PATCH" or tries >= MOST_TRIES:
        return None
    return Again(0.0 if failure.kind is Kind.STALE else backoff(tries, chance), failure.why)


def backoff(tries: int, chance: float) -> float:
    """Full jitter: anything up to a bound that doubles, so that many clients do not come back together."""
    return float(chance * min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1)))


class Budget:
    """How many retries one run may make: some at the start, and one more for every ten requests.

    A registry that fails every other request gets a clear error, not twice the load.
    """

    def __init__(self, start: float = 20.0, earned: float = 0.1) -> None:
        self._left = start
        self._most = start
        self._earned = earned

    def earn(self) -> None:
        """Counts a request."""
        self._left = min(self._most, self._left + self._earned)

    def take(self) -> bool:
        """Pays for a retry, if there is something left."""
        if self._left < 1:
            return False
        self._left -= 1
        return True
