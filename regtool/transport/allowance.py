"""How many requests a run may send, and when it stops asking a registry that counts them."""

from regtool.errors import RateLimitedError
from regtool.transport.headers import Headers
from regtool.transport.notices import quota_in


class Allowance:
    """The requests that are left: `most` for the run, and what each registry still grants above `reserve`.

    None for either means that it is not counted. Every request counts towards `most`, also those for tokens and
    those sent again; towards a registry's quota only GET does (Docker Hub: HEAD is free).
    """

    def __init__(self, most: int | None, reserve: int | None) -> None:
        self._most = most
        self._left = most
        self._reserve = reserve
        self._granted: dict[str, int] = {}

    def spend(self, method: str, host: str, what: str) -> None:
        """Takes one request. Raises RateLimitedError if it would be one too many."""
        granted = self._granted.get(host)
        if method == "GET" and self._reserve is not None and granted is not None and granted <= self._reserve:
            why = f"{host} grants no more than {granted} requests for now, and {self._reserve} are to be left"
            raise RateLimitedError(what, why, "run again later: what was read is kept")
        if self._left == 0:
            why = f"the run may send no more than {self._most} requests"
            raise RateLimitedError(what, why, "allow more with --max-requests, or run again: what was read is kept")
        if self._left is not None:
            self._left -= 1
        if method == "GET" and granted:
            self._granted[host] = granted - 1

    def look(self, host: str, headers: Headers) -> None:
        """Looks what an answer says about the quota. With many requests under way, the lowest word counts."""
        quota = quota_in(host, headers) if self._reserve is not None else None
        if quota:
            self._granted[host] = min(quota.remaining, self._granted.get(host, quota.remaining))
