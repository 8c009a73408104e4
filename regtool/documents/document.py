"""The common ground of the models: frozen views that keep what they do not know."""

from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    model_validator,
)

from regtool.documents.strict_json import folded
from regtool.errors import ContentError
from regtool.model.digest import Digest

MAX_SIZE = 2**63 - 1


def _digest(value: object) -> Digest:
    return value if isinstance(value, Digest) else Digest.parse(value if isinstance(value, str) else repr(value))


DigestField = Annotated[Digest, PlainValidator(_digest), PlainSerializer(str, return_type=str)]
Size = Annotated[int, Field(strict=True, ge=0, le=MAX_SIZE)]  # bytes
Annotations = dict[str, str]


class Document(BaseModel):
    """A view onto a JSON object. Unknown fields are kept; known ones are read by their names in the document."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True, defer_build=True, strict=True)

    @classmethod
    def view(cls, document: dict[str, Any], what: str) -> Self:
        """The document as this model. Raises ContentError that names `what` and the path of the first fault."""
        _refuse_other_case(cls, document, what)
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            path = ".".join(str(part) for part in first["loc"])
            raise ContentError(what, f"{path or 'document'}: {first['msg'].removeprefix('Value error, ')}") from None

    @model_validator(mode="wrap")
    @classmethod
    def _tell_apart(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """An unknown key `os_version` is not `os.version`, but pydantic would count that field as given."""
        made = handler(data)
        for name in made.model_fields_set & (made.model_extra or {}).keys() & cls.model_fields.keys():
            if isinstance(data, dict) and cls.model_fields[name].alias not in data:
                made.model_fields_set.remove(name)
        return made

    def as_json(self) -> dict[str, Any]:
        """The object to write: the fields that were given, in the order of the specification, then unknown ones."""
        return self.model_dump(by_alias=True, exclude_unset=True)


def _refuse_other_case(model: type[Document], document: dict[str, Any], what: str) -> None:
    """Go would read `Digest` as `digest`, Python would not: no key may be a known one in another case."""
    names = {folded(field.alias or name): field.alias or name for name, field in model.model_fields.items()}
    for key in document:
        known = names.get(folded(key), key)
        if key != known:
            why = f"has the key {key!r}, which some readers take for {known!r}"
            raise ContentError(what, why, ambiguous=True)
    for name, field in model.model_fields.items():
        inner = document.get(field.alias or name)
        nested = _model_within(field.annotation)
        if nested is not None:
            for child in inner if isinstance(inner, list) else [inner]:
                if isinstance(child, dict):
                    _refuse_other_case(nested, child, what)


def _model_within(annotation: Any) -> type[Document] | None:
    """The model in an annotation such as `list[Descriptor]` or `Descriptor | None`, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, Document):
        return annotation
    arguments = getattr(annotation, "__args__", ())
    return next((found for found in map(_model_within, arguments) if found), None)
