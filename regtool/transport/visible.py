"""Text from outside, made safe to show: nothing in it can move a cursor, hide, or start a line of its own."""

import unicodedata

LIMIT = 512
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str, limit: int = LIMIT) -> str:
    r"""`text` on one line: control, bidirectional, zero-width and unassigned characters become escapes such as `\x1b`.

    What is longer than `limit` characters is cut, and an ellipsis says so.
    """
    shown = "".join(_escaped(character) for character in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
