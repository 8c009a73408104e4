"""Annotations as they are written on the command line."""

from regtool.errors import UsageError


def annotations_of(words: list[str] | None) -> dict[str, str]:
    """Reads `KEY=VALUE` of each `--annotation`. Raises UsageError."""
    return dict(map(_pair, words or []))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise UsageError(f"--annotation {text}", "names no value", "write it as KEY=VALUE")
    return key, value
