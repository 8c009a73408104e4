"""`@dataclass` as regtool's values use it, made quickly: like the standard library's, but compiled only when used.

The decorator of the standard library compiles six methods for every class as soon as it is defined. For the ninety
classes that `regtool create` loads this was 60 ms of its 110 ms of own imports (Python 3.11), and most of those classes
are not instantiated in a run. Here `__init__` is written when it is first looked up, and the other methods are plain
functions over the fields: 5 ms.

To a type checker it is the standard library's own decorator, and at run time the result is a dataclass, too: `fields`,
`replace`, `match` and signatures work. What no value of regtool wants is left out: `InitVar`, `ClassVar`, `init=False`,
docstrings made up from signatures.
"""

import dataclasses
from collections.abc import Callable, Mapping
from inspect import get_annotations
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

Fields = Mapping[str, "dataclasses.Field[Any]"]

_A_FIELD = dataclasses._FIELD  # type: ignore[attr-defined] # noqa: SLF001 - or `dataclasses.fields` does not see it
_NEW: Any = object()  # the default in a signature whose value is made anew for each instance


def _dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False, order: bool = False, eq: bool = True,
    weakref_slot: bool = False,
) -> Callable[[type], type]:  # fmt: skip
    """Makes a dataclass of a class. The options are those of `dataclasses.dataclass`."""

    def make(cls: type) -> type:
        own = _own_fields(cls, kw_only)
        fields = {**_inherited_fields(cls), **own}
        methods: dict[str, Any] = {"__init__": _Init(fields), "__repr__": _repr}
        methods["__match_args__"] = tuple(name for name, field in fields.items() if not field.kw_only)
        methods |= _comparisons(fields, frozen, order) if eq else {}
        methods |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete} if frozen else {}
        methods |= {"__getstate__": _getstate, "__setstate__": _setstate} if frozen and slots else {}
        kept = {name: value for name, value in cls.__dict__.items() if name != "__hash__" or value is not None}
        attributes = {"__dataclass_fields__": fields, **methods, **kept}
        return _with_slots(cls, attributes, own, weakref_slot) if slots else _in_place(cls, attributes)

    return make


def _own_fields(cls: type, kw_only: bool) -> Fields:
    found: dict[str, dataclasses.Field[Any]] = {}
    for name, annotation in get_annotations(cls).items():
        default = cls.__dict__.get(name, dataclasses.MISSING)
        field = default if isinstance(default, dataclasses.Field) else dataclasses.field(default=default)
        field.name, field.type, field.kw_only = name, annotation, kw_only
        object.__setattr__(field, "_field_type", _A_FIELD)
        found[name] = field
    return found


def _inherited_fields(cls: type) -> Fields:
    bases: list[Fields] = [getattr(base, "__dataclass_fields__", {}) for base in reversed(cls.__mro__[1:])]
    return {name: field for fields in bases for name, field in fields.items()}


def _with_slots(cls: type, attributes: dict[str, Any], own: Fields, weakref_slot: bool) -> type:
    """The class anew, with slots, which cannot be added to one that exists."""
    left = {name: value for name, value in attributes.items() if name not in {*own, "__dict__", "__weakref__"}}
    slots = (*own, "__weakref__") if weakref_slot else tuple(own)
    made = type(cls)(cls.__name__, cls.__bases__, {**left, "__slots__": slots})
    made.__qualname__ = cls.__qualname__
    return made


def _in_place(cls: type, attributes: dict[str, Any]) -> type:
    for name, value in attributes.items():
        if cls.__dict__.get(name) is not value:
            setattr(cls, name, value)
    return cls


class _Init:
    """`__init__` until somebody looks it up: then it is written and takes this place."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def __get__(self, instance: object, owner: type) -> Any:
        home = next(base for base in owner.__mro__ if base.__dict__.get("__init__") is self)
        written = _written_init(home, self._fields)
        home.__init__ = written  # type: ignore[misc]
        return written if instance is None else written.__get__(instance, owner)


def _written_init(cls: type, fields: Fields) -> Any:
    """The constructor as `dataclasses` would write it: one parameter for each field, in their order."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_NEW": _NEW}
    parameters, lines = ["self"], []
    for name, field in sorted(fields.items(), key=lambda item: item[1].kw_only is True):
        if field.kw_only and "*" not in parameters:
            parameters.append("*")
        value = name
        if field.default_factory is not dataclasses.MISSING:
            known |= {f"_default_{name}": _NEW, f"_make_{name}": field.default_factory}
            value = f"_make_{name}() if {name} is _NEW else {name}"
        elif field.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = field.default
        parameters.append(f"{name}=_default_{name}" if f"_default_{name}" in known else name)
        lines.append(f" _set(self, {name!r}, {value})")
    lines.append(" self.__post_init__()" if hasattr(cls, "__post_init__") else " return")
    exec("\n".join([f"def __init__({', '.join(parameters)}):", *lines]), known)  # noqa: S102 - names of fields only
    written = known["__init__"]
    written.__qualname__ = f"{cls.__qualname__}.__init__"
    written.__annotations__ = {name: field.type for name, field in fields.items()} | {"return": None}
    return written


def _repr(self: Any) -> str:
    shown = (name for name, field in self.__dataclass_fields__.items() if field.repr)
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _comparisons(fields: Fields, frozen: bool, order: bool) -> dict[str, Any]:
    """Equality, hash and order, over the fields that count; only values of the very same class are compared."""
    names = [name for name, field in fields.items() if field.compare]
    # attrgetter gives a tuple for two names or more, and one value twice is as good as once
    key: Callable[[Any], Any] = attrgetter(*names, *names[:1]) if names else lambda _: ()

    def same(self: Any, other: Any) -> Any:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    def less(self: Any, other: Any) -> Any:
        return key(self) < key(other) if other.__class__ is self.__class__ else NotImplemented

    def at_most(self: Any, other: Any) -> Any:
        return key(self) <= key(other) if other.__class__ is self.__class__ else NotImplemented

    # Of `a > b` Python asks `b < a` where `a` cannot say; so two of the four are enough.
    methods: dict[str, Any] = {"__eq__": same, "__hash__": (lambda self: hash(key(self))) if frozen else None}
    return methods | ({"__lt__": less, "__le__": at_most} if order else {})


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__dataclass_fields__]


def _setstate(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__dataclass_fields__, state, strict=True):
        object.__setattr__(self, name, value)


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass
