"""Per-arch tags by their pattern: `app:1.0` and `x86_64,aarch64` mean `app:1.0-x86_64` and `app:1.0-aarch64`."""

import re

from regtool.errors import UsageError
from regtool.model.reference import Reference

DEFAULT_PATTERN = "{tag}-{arch}"

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN = ("arch", "tag", "repository")


def arch_tags(target: Reference, architectures: str, pattern: str = DEFAULT_PATTERN) -> list[Reference]:
    """The sources that `pattern` makes of the target and each architecture. Raises UsageError.

    `{arch}`, `{tag}` and `{repository}` are replaced; a result with `/` or `:` is a full reference, any other a tag in
    the target's repository.
    """
    words = [word.strip() for word in architectures.split(",")]
    if not all(words):
        raise UsageError(f"--arch-tags {architectures}", "names an empty architecture", "write it as x86_64,aarch64")
    _refuse_unknown(pattern)
    return list(dict.fromkeys(_source(target, word, pattern) for word in words))


def _source(target: Reference, architecture: str, pattern: str) -> Reference:
    values = {"arch": architecture, "tag": str(target.tag), "repository": str(target.place)}
    text = _PLACEHOLDER.sub(lambda found: values[found[1]], pattern)
    return Reference.parse(text) if "/" in text or ":" in text else target.place.at(target.place.tag(text))


def _refuse_unknown(pattern: str) -> None:
    what = f"--arch-tag-pattern {pattern}"
    names = _PLACEHOLDER.findall(pattern)
    for name in names:
        if name not in _KNOWN:
            raise UsageError(what, f"{{{name}}} is not known", "use {arch}, {tag} and {repository}")
    if "arch" not in names:
        raise UsageError(what, "is the same for all architectures", f"write {{arch}} in it, as in {DEFAULT_PATTERN}")
