"""The common ground of the views: frozen, strict, and they keep what they do not know.

    class Descriptor(Document):
        digest = Field("digest", readers.digest)
        urls = Field("urls", maybe(list_of(text)), None)

A field is a key of the document, how its value is read, and what it is where the document has no such key; without
that it is required. The order of the fields is the order in which they are written.

This is what pydantic does, in the little that documents need of it. Importing pydantic, building its models and
their schemas took 110 ms of the 390 ms of a `regtool create` (Python 3.11), more than anything else.
"""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Never, NoReturn, Self, TypeVar, overload

from regtool.documents.readers import Fault, Reader
from regtool.documents.strict_json import folded
from regtool.errors import ContentError
from regtool.model.digest import Digest

Value = TypeVar("Value")

_REQUIRED: Any = object()


class Field(Generic[Value]):
    """One known key of a document. On a view it is the value that was read."""

    def __init__(self, key: str, read: Reader[Value], default: Value = _REQUIRED) -> None:
        self.key = key
        self.read = read
        self.default = default

    @overload
    def __get__(self, view: None, owner: "type[Document]") -> Self: ...
    @overload
    def __get__(self, view: "Document", owner: "type[Document]") -> Value: ...
    def __get__(self, view: "Document | None", owner: "type[Document]") -> Self | Value:
        return self  # on a view never asked: its own values go before this

    if TYPE_CHECKING:  # at run time it would go before the values of a view

        def __set__(self, view: "Document", value: Never) -> None: ...

    def value_in(self, document: Mapping[str, Any]) -> Value:
        """The value in a document. Raises Fault."""
        if self.key in document:
            try:
                return self.read(document[self.key])
            except Fault as fault:
                raise fault.within(self.key) from None
        if self.default is _REQUIRED:
            raise Fault("Field required", self.key)
        return self.default


class Document:
    """A frozen view onto a JSON object. Known fields are read by their names in the document, unknown ones are kept."""

    fields: ClassVar[dict[str, Field[Any]]] = {}
    _known: ClassVar[dict[str, str]] = {}  # keys as Go compares them -> as they are

    # in this view
    _given: dict[str, None]  # the known keys that the document has, in the order in which they are written
    _unknown: dict[str, Any]

    def __init_subclass__(cls) -> None:
        cls.fields = {name: field for name, field in vars(cls).items() if isinstance(field, Field)}
        cls._known = {folded(field.key): field.key for field in cls.fields.values()}

    @classmethod
    def view(cls, document: Mapping[str, Any], what: str) -> Self:
        """The document as this view. Raises ContentError that names `what` and the path of the first fault."""
        try:
            return cls.read(document)
        except Fault as fault:
            why = ": ".join(filter(None, (".".join(fault.path), fault.why)))
            raise ContentError(what, why, ambiguous=fault.ambiguous) from None

    @classmethod
    def read(cls, value: Any) -> Self:
        """The reader for a field that holds such a document; one that is a view already is taken as it is."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise Fault("Input should be a valid dictionary")
        cls._refuse_other_case(value)
        made = cls.__new__(cls)
        known = cls._known.values()
        vars(made).update({name: field.value_in(value) for name, field in cls.fields.items()})
        vars(made)["_given"] = {key: None for key in known if key in value}
        vars(made)["_unknown"] = {key: inner for key, inner in value.items() if key not in known}
        return made

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        """The known keys, in the order in which they are written."""
        return tuple(cls._known.values())

    @property
    def unknown(self) -> dict[str, Any]:
        """The fields that are kept without being known."""
        return dict(self._unknown)

    def as_json(self) -> dict[str, Any]:
        """The object to write, all of it new: the fields that were given, in the view's order, then unknown ones."""
        known = {field.key: getattr(self, name) for name, field in self.fields.items() if field.key in self._given}
        return {key: _plain(value) for key, value in (known | self._unknown).items()}

    @classmethod
    def _refuse_other_case(cls, document: Mapping[str, Any]) -> None:
        """Go would read `Digest` as `digest`, Python would not: no key may be a known one in another case."""
        for key in document:
            known = cls._known.get(folded(key), key)
            if key != known:
                raise Fault(f"has the key {key!r}, which some readers take for {known!r}", ambiguous=True)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), *(value for value in vars(self).values() if isinstance(value, str | int | Digest))))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.as_json()})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to {name!r}: a view is frozen")

    __delattr__ = __setattr__  # type: ignore[assignment]


def _plain(value: Any) -> Any:
    """A value as JSON, in new containers."""
    if isinstance(value, Document):
        return value.as_json()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Digest) else value
