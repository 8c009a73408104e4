"""Columns for people, numbers that read well."""

from collections.abc import Iterable, Sequence

from regtool.transport.visible import visible

_UNITS = ("B", "kB", "MB", "GB", "TB")


def columns(rows: Iterable[Sequence[str]], *, indent: str = "") -> str:
    """Rows as aligned columns, two spaces apart, without trailing space. Text of registries is made visible."""
    safe = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in safe if at < len(row)) for at in range(max(map(len, safe), default=0))]
    lines = ("  ".join(cell.ljust(widths[at]) for at, cell in enumerate(row)) for row in safe)
    return "\n".join((indent + line).rstrip() for line in lines)


def size(count: int | None) -> str:
    """A number of bytes in decimal units, as docker prints them."""
    if count is None:
        return "-"
    amount, unit = float(count), _UNITS[0]
    for unit in _UNITS:
        if amount < 1000 or unit == _UNITS[-1]:
            break
        amount /= 1000
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"


def count(number: int, noun: str) -> str:
    """A number of things in words: `1 tag`, `2 tags`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
