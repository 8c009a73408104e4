"""What docker/metadata-action leaves in `DOCKER_METADATA_OUTPUT_JSON`: the tags to write, and annotations."""

import re
from collections.abc import Mapping
from typing import Any, Self

from regtool.documents.strict_json import load_object
from regtool.errors import ContentError, UsageError
from regtool.operations.events import Listener, Note, ignore
from regtool.values import dataclass

VARIABLE = "DOCKER_METADATA_OUTPUT_JSON"

_ANNOTATION = re.compile(r"(?:(?P<levels>[^:=]*):)?(?P<key>[^=]+)=(?P<value>.*)", re.DOTALL)
_INDEX = "index"
_DEFAULT_LEVEL = "manifest"


@dataclass(frozen=True, slots=True)
class ActionMetadata:
    """The tags as full references, in the action's order, and the annotations that are meant for an index."""

    tags: tuple[str, ...]
    annotations: Mapping[str, str]

    @classmethod
    def of(cls, environ: Mapping[str, str], listen: Listener = ignore) -> Self:
        """Reads the variable, and tells what of it is not used. Raises UsageError if it is not set, ContentError."""
        text = environ.get(VARIABLE, "")
        if not text:
            raise UsageError(f"${VARIABLE}", "is not set", "run docker/metadata-action before, in the same job")
        document = load_object(text.encode("utf-8", "surrogateescape"), f"${VARIABLE}")
        tags = _texts(document, "tags")
        if not tags:
            raise UsageError(f"${VARIABLE}", "has no tags", "check the rules under `tags` of docker/metadata-action")
        return cls(tuple(tags), _annotations(_texts(document, "annotations"), listen))


def _texts(document: dict[str, Any], key: str) -> list[str]:
    found = document.get(key) or []
    if not isinstance(found, list) or not all(isinstance(value, str) for value in found):
        raise ContentError(f"${VARIABLE}", f"{key} is not a list of texts")
    return found


def _annotations(lines: list[str], listen: Listener) -> dict[str, str]:
    """Those of the level `index`. Labels and other levels belong to the images, which are built already."""
    kept: dict[str, str] = {}
    left = 0
    for line in lines:
        found = _ANNOTATION.fullmatch(line)
        if not found:
            raise ContentError(f"${VARIABLE}", f"annotation {line!r} is not level:key=value")
        if _INDEX in (found["levels"] or _DEFAULT_LEVEL).split(","):
            kept[found["key"]] = found["value"]
        else:
            left += 1
    if left:
        hint = "" if kept else "; DOCKER_METADATA_ANNOTATIONS_LEVELS=index makes them so"
        listen(Note(f"annotations of ${VARIABLE} that are not for the index are not used: {left}{hint}"))
    return kept
