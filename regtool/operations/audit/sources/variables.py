"""Variables in Dockerfiles and Compose files: `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}` and their kind.

By the Dockerfile reference ("Environment replacement") and the Compose specification ("Interpolation").
"""

import re
from collections.abc import Mapping

from regtool.errors import UsageError

_VARIABLE = re.compile(
    r"\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?:(?P<operator>:?[-+?])(?P<word>(?:[^{}$]|\$\{[^{}]*\}|\$\w+)*))?\}"
    r"|(?P<dollar>\$))"
)


def expand(text: str, values: Mapping[str, str], where: str) -> str:
    """`text` with its variables replaced. Raises UsageError, naming `where`, for one that has no value."""

    def value(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        name, operator = found["plain"] or found["name"], found["operator"] or ""
        known = values.get(name)
        given = bool(known) if operator.startswith(":") else known is not None
        if operator.endswith("-"):
            return (known or "") if given else expand(found["word"], values, where)
        if operator.endswith("+"):
            return expand(found["word"], values, where) if given else ""
        if not given:
            raise UsageError(where, f"uses {name}, which has no value", f"give it one: {name}=…")
        return known or ""

    return _VARIABLE.sub(value, text)
