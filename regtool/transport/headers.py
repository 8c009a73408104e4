"""Header fields as received: names compare without case, repeated fields stay apart (RFC 9110 5)."""

from collections.abc import Iterable, Iterator, Mapping


class Headers(Mapping[str, str]):
    """An immutable mapping of header fields; `headers["link"]` joins repeated fields with a comma."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = tuple((name.lower(), value.strip()) for name, value in fields)

    def get_all(self, name: str) -> tuple[str, ...]:
        """The values of every field of that name, in the order received."""
        return tuple(value for key, value in self._fields if key == name.lower())

    def __getitem__(self, name: str) -> str:
        values = self.get_all(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._fields))

    def __len__(self) -> int:
        return len(dict(self._fields))

    def __repr__(self) -> str:
        return f"Headers({sorted(dict(self._fields))})"  # names only: values may hold cookies and signed URLs
