"""What is wrong in a file that a person wrote, in words for that person."""

from pydantic import ValidationError

Path = tuple[str | int, ...]

# Pydantic speaks of its own types. Who writes YAML or TOML has lists and keys, no tuples and no fields.
_WORDS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be keys with values",
    "enum": "must be {expected}",
    "extra_forbidden": "is no key that is known here",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
    "literal_error": "must be {expected}",
    "missing": "is missing",
    "model_type": "must be keys with values",
    "string_type": "must be text",
    "too_short": "must not be empty",
    "tuple_type": "must be a list",
}
_MEMBERS = ("str", "Leg")  # of a union, which pydantic names in its paths although they stand in no file


def first_mistake(error: ValidationError) -> tuple[Path, str]:
    """Where the first mistake is, as keys and positions from the top, and what it is."""
    first = error.errors(include_input=False, include_url=False)[0]
    path = tuple(part for part in first["loc"] if part not in _MEMBERS)
    words = _WORDS.get(first["type"], first["msg"][:1].lower() + first["msg"][1:])
    return path, words.format_map(first.get("ctx", {})) if first["type"] in _WORDS else words
