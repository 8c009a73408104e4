"""What a registry says beside its answer: warnings (distribution-spec "Warnings") and what is left of a quota."""

import re
from collections.abc import Callable

from regtool.transport.events import Event, QuotaSeen, Warned
from regtool.transport.headers import Headers
from regtool.transport.visible import visible

_WARNING = re.compile(r'299\s+\S+\s+"((?:[^"\\]|\\.)*)"')
_QUOTA = re.compile(r"(\d{1,12})(?:\s*;\s*w=(\d{1,9}))?")
_LONGEST = 4096  # for all warnings of one answer, by the spec
_MOST = 100  # different warnings of one run


class Notices:
    """Passes each warning on once, and a quota whenever it changes. They are for people: nothing acts on them."""

    def __init__(self, listen: Callable[[Event], None]) -> None:
        self._listen = listen
        self._warned: set[Warned] = set()
        self._quotas: dict[str, QuotaSeen] = {}

    def look(self, host: str, headers: Headers) -> None:
        """Looks for notices in the headers of an answer."""
        for text in warnings_in(headers):
            self._warn(Warned(host=host, text=text))
        quota = quota_in(host, headers)
        if quota and self._quotas.get(host) != quota:
            self._quotas[host] = quota
            self._listen(quota)

    def _warn(self, warning: Warned) -> None:
        if warning not in self._warned and len(self._warned) < _MOST:
            self._warned.add(warning)
            self._listen(warning)


def warnings_in(headers: Headers) -> list[str]:
    """The texts of the warnings, safe to show."""
    joined = ", ".join(headers.get_all("warning"))[:_LONGEST]
    return [visible(re.sub(r"\\(.)", r"\1", text)) for text in _WARNING.findall(joined)]


def quota_in(host: str, headers: Headers) -> QuotaSeen | None:
    """What is left, by the headers of Docker Hub and of those who took them over."""
    limit = _QUOTA.match(headers.get("ratelimit-limit", ""))
    remaining = _QUOTA.match(headers.get("ratelimit-remaining", ""))
    if not limit or not remaining:
        return None
    window = remaining[2] or limit[2] or 0
    return QuotaSeen(host=host, limit=int(limit[1]), remaining=int(remaining[1]), window=int(window))
