"""YAML whose every value remembers its line, so that an error can point at it.

Scalars stay text: YAML would make 1.1 of the tag `1.10`, and a number of the architecture `386`.
"""

from typing import Any

import yaml

from regtool.errors import UsageError
from regtool.values import dataclass

Path = tuple[str | int, ...]
MAX_SIZE = 4 * 1024 * 1024  # bytes
MAX_VALUES = 200_000  # aliases repeated without end would make more


class _Text(yaml.SafeLoader):
    """A loader that takes nothing for a number, a date or a truth; only `null`, `~`, nothing at all, and merges."""


_Text.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":null", ":merge"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Lines:
    """A YAML document as plain values, and the line of each value by its path; lines count from 1."""

    value: Any
    by_path: dict[Path, int]

    def of(self, path: Path) -> int:
        """The line of the value at `path`, or of the closest value around it."""
        while path and path not in self.by_path:
            path = path[:-1]
        return self.by_path.get(path, 1)


def read_lines(content: bytes, what: str) -> Lines:
    """Reads one YAML document. Raises UsageError that names `what` and the line."""
    if len(content) > MAX_SIZE:
        raise UsageError(what, f"is {len(content)} bytes, more than the {MAX_SIZE} that are read")
    try:
        loader = _Text(content)
        node = loader.get_single_node()
        if node is None:
            raise UsageError(what, "is empty")
        by_path: dict[Path, int] = {}
        _note(node, (), by_path, what)
        return Lines(loader.construct_document(node), by_path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UsageError(f"{what}:{mark.line + 1 if mark else 1}", f"is not YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(what, f"is not YAML: {str(error).splitlines()[0]}") from None


def _note(node: yaml.Node, path: Path, by_path: dict[Path, int], what: str) -> None:
    if len(by_path) > MAX_VALUES:
        raise UsageError(what, f"holds more than {MAX_VALUES} values")
    by_path[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for position, child in enumerate(node.value):
            _note(child, (*path, position), by_path, what)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, child in node.value:
            if key.value in seen:
                raise UsageError(f"{what}:{key.start_mark.line + 1}", f"has the key {key.value!r} twice")
            seen.add(key.value)
            _note(child, (*path, key.value), by_path, what)
            by_path[*path, key.value] = key.start_mark.line + 1
