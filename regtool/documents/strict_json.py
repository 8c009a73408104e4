"""JSON at the door: one meaning for every reader, or refused.

Docker, containerd and registries read JSON with Go, which takes the last of two equal keys and ignores case;
Python does neither. A document that means two things to two readers must not be vouched for, so equal keys are
an error here (and in `document.py` keys that are a known one in another case), as are non-finite numbers, halves of
surrogate pairs, a byte order mark, and nesting beyond what any manifest has.
"""

import json
import re
from collections import Counter
from typing import Any, NoReturn

from regtool.errors import ContentError

MAX_DEPTH = 64

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class _Twice(ValueError):
    pass


class _NoNumber(ValueError):
    pass


def load_object(content: bytes, what: str) -> dict[str, Any]:
    """Reads `content` as one JSON object. Raises ContentError that names `what` and the reason."""
    document: dict[str, Any] = _load(content, what, dict, "an object")
    return document


def load_array(content: bytes, what: str) -> list[Any]:
    """Reads `content` as one JSON array, by the same rules."""
    document: list[Any] = _load(content, what, list, "an array")
    return document


def _load(content: bytes, what: str, kind: type, name: str) -> Any:
    try:
        document = json.loads(
            content.decode("utf-8"), object_pairs_hook=_unambiguous, parse_constant=_no_constant, parse_float=_finite
        )
    except UnicodeDecodeError:
        raise ContentError(what, "is not UTF-8 text") from None
    except _Twice as reason:
        raise ContentError(what, str(reason), ambiguous=True) from None
    except _NoNumber as reason:
        raise ContentError(what, str(reason)) from None
    except RecursionError:
        raise ContentError(what, f"is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError:
        is_markup = content.lstrip().startswith(b"<")
        raise ContentError(what, "is not JSON", "is this the address of a registry?" if is_markup else None) from None
    if not isinstance(document, kind):
        raise ContentError(what, f"is JSON, but not {name}")
    if _depth_exceeds(document, MAX_DEPTH):
        raise ContentError(what, f"is nested deeper than {MAX_DEPTH} levels")
    if _SURROGATE.search(content) and not _is_unicode(document):
        raise ContentError(what, "has half a surrogate pair, which every reader takes for something else")
    return document


def folded(key: str) -> str:
    """The key as Go's decoder compares it: without case, where U+017F is `s` and the Kelvin sign is `k`."""
    return key.casefold()


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise _Twice(f"has the key {twice!r} twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _NoNumber(f"has the number {name}, which is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        _no_constant(text[:20])
    return number


def _is_unicode(document: Any) -> bool:
    """Whether everything in the document can be written out again as UTF-8."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _depth_exceeds(value: Any, limit: int) -> bool:
    level: list[Any] = [value]
    for _ in range(limit):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
