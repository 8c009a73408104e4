"""Lengths of time as people write them: `90`, `90s`, `15m`, `1h30m`, `90d`, `6w`."""

import re

from regtool.errors import UsageError

_UNITS = {"h": 3600, "m": 60, "s": 1}  # seconds
_LONG_UNITS = {"w": 7 * 86400, "d": 86400, **_UNITS}
_DURATION = re.compile(
    r"(?:(?P<w>\d{1,4})w)?(?:(?P<d>\d{1,5})d)?(?:(?P<h>\d{1,6})h)?(?:(?P<m>\d{1,6})m)?(?:(?P<s>\d{1,9})s?)?", re.ASCII
)


def parse_duration(text: str) -> float:
    """The length of time in seconds. Raises UsageError."""
    found = _DURATION.fullmatch(text.strip().lower())
    if not found or not any(found.groups()):
        raise UsageError(text or "an empty duration", "not a length of time", "write it as 90s, 15m, 1h30m or 90d")
    return float(sum(int(found[unit] or 0) * seconds for unit, seconds in _LONG_UNITS.items()))


def duration_text(seconds: float) -> str:
    """The same in words that `parse_duration` reads, to the second."""
    left = round(seconds)
    parts = []
    for unit, length in _UNITS.items():
        count, left = divmod(left, length)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"
