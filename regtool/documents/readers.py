"""How single values of a document are read: what has the right form is taken, all else is a fault that names its path.

Nothing is converted: a number in quotes is text, and 7.0 is no integer.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from regtool.errors import UsageError
from regtool.model.digest import Digest

Value = TypeVar("Value")
Reader = Callable[[Any], Value]

MAX_SIZE = 2**63 - 1


class Fault(Exception):
    """What is wrong with a value, and where: `path` is grown from the inside out as the readers give up.

    `ambiguous` says that other readers would understand something else.
    """

    def __init__(self, why: str, *path: str, ambiguous: bool = False) -> None:
        super().__init__(why, path)
        self.why = why
        self.path = path
        self.ambiguous = ambiguous

    def within(self, key: object) -> "Fault":
        """The same fault, seen from one level further out."""
        return Fault(self.why, str(key), *self.path, ambiguous=self.ambiguous)


def text(value: Any) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise Fault("Input should be a valid string")
    return value


def integer(value: Any) -> int:
    """Any integer; true and false are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Fault("Input should be a valid integer")
    return value


def size(value: Any) -> int:
    """A number of bytes that Go can count."""
    number = integer(value)
    if number < 0:
        raise Fault("Input should be greater than or equal to 0")
    if number > MAX_SIZE:
        raise Fault(f"Input should be less than or equal to {MAX_SIZE}")
    return number


def digest(value: Any) -> Digest:
    """A digest of a known algorithm."""
    if isinstance(value, Digest):
        return value
    try:
        return Digest.parse(value if isinstance(value, str) else repr(value))
    except UsageError as error:
        raise Fault(str(error)) from None


def json_object(value: Any) -> dict[str, Any]:
    """An object of which nothing more is known."""
    if not isinstance(value, dict):
        raise Fault("Input should be a valid dictionary")
    return dict(value)


def texts_by_key(value: Any) -> dict[str, str]:
    """An object of texts, such as annotations."""
    return {key: _at(key, text, inner) for key, inner in json_object(value).items()}


def list_of(read: Reader[Value]) -> Reader[list[Value]]:
    """A list whose every item is read so."""

    def read_list(value: Any) -> list[Value]:
        if not isinstance(value, list | tuple):
            raise Fault("Input should be a valid list")
        return [_at(position, read, item) for position, item in enumerate(value)]

    return read_list


def maybe(read: Reader[Value]) -> Reader[Value | None]:
    """The value, or null."""
    return lambda value: None if value is None else read(value)


def _at(key: object, read: Reader[Value], value: Any) -> Value:
    try:
        return read(value)
    except Fault as fault:
        raise fault.within(key) from None
