"""One parameter of a command's function, taken apart."""

from collections.abc import Callable
from typing import Any, get_args

from regtool.cli.spelling import Argument, Option
from regtool.values import dataclass

REQUIRED: Any = object()  # the default of a parameter that has none


@dataclass(frozen=True, slots=True)
class Parameter:
    """`annotation` is `Annotated[type, spelling]`; a list, or what may be None, is of the type `item`."""

    name: str
    annotation: Any
    default: Any = REQUIRED

    @property
    def spelling(self) -> Argument | Option:
        """How it is written."""
        spelling: Argument | Option = self.annotation.__metadata__[0]
        return spelling

    @property
    def item(self) -> type:
        """The type of one value: bool, str, int, a path or an enumeration."""
        inner = next((part for part in get_args(self._type) if part is not type(None)), self._type)
        item: type = get_args(inner)[0] if get_args(inner) else inner
        return item

    @property
    def is_list(self) -> bool:
        """Whether it takes any number of values."""
        return any(getattr(kind, "__origin__", None) is list for kind in (self._type, *get_args(self._type)))

    @property
    def _type(self) -> Any:
        return self.annotation.__origin__

    def parse(self, text: str) -> Any:
        """One value. Raises ValueError if `text` is none."""
        if self.item is not int:
            return self.item(text)
        number, least, most = int(text), getattr(self.spelling, "min", None), getattr(self.spelling, "max", None)
        if (least is not None and number < least) or (most is not None and number > most):
            raise ValueError(text)
        return number


def parameters_of(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The parameters that come from words: all but `run`, the first one."""
    # `inspect.signature` says the same in a hundred times the time, and is asked in every run.
    defaults = function.__kwdefaults__ or {}
    names = [name for name in function.__annotations__ if name not in ("run", "return")]
    return tuple(Parameter(name, function.__annotations__[name], defaults.get(name, REQUIRED)) for name in names)
