"""Lists of sources: `@FILE`, and `-` for standard input. One source in a line; `#` begins a remark."""

from collections.abc import Sequence

from regtool.errors import UsageError
from regtool.operations.inputs.files import STDIN, read_text


def expand_lists(words: Sequence[str]) -> list[str]:
    """The words with every list in its place replaced by what it holds. Raises UsageError, StorageError."""
    return [source for word in words for source in _expanded(word)]


def _expanded(word: str) -> list[str]:
    if word != STDIN and not word.startswith("@"):
        return [word]
    name = word.removeprefix("@")
    if not name:
        raise UsageError("@", "names no file", "write @FILE, or - for standard input")
    lines = read_text(name, "the list of sources").splitlines()
    found = [source for line in lines for source in _without_remark(line).split()]
    if not found:
        raise UsageError(f"the list of sources {name}", "is empty", "write one source in a line")
    return found


def _without_remark(line: str) -> str:
    """A remark begins at the start or behind a space: a `#` within a word belongs to the word."""
    return "" if line.startswith("#") else line.partition(" #")[0]
