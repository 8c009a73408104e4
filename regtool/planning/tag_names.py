"""The names of per-arch tags: `1.0` becomes `1.0-x86_64` and `1.0-aarch64`."""

from collections.abc import Iterable
from enum import StrEnum

from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.model.reference import Tag

DEFAULT_PATTERN = "{tag}-{arch}"


class Spelling(StrEnum):
    """How an architecture is written in a tag: as `uname -m` says it (`x86_64`), or as Docker does (`amd64`)."""

    UNAME = "uname"
    DOCKER = "docker"


def tag_names(tag: Tag | None, platforms: Iterable[Platform], pattern: str, spelling: Spelling) -> list[Tag]:
    """A tag for each platform, by a pattern with `{tag}`, `{arch}`, `{os}` and `{os_version}`.

    Raises UsageError for a pattern that cannot be filled, or that gives two platforms the same name, or the old one.
    """
    names: dict[Tag, Platform] = {}
    for platform in platforms:
        name = Tag(_filled(pattern, tag, platform, spelling))
        if name == tag:
            raise UsageError(f"pattern {pattern}", f"gives {platform} the tag {name} of the list", "add {arch}")
        if name in names:
            raise UsageError(
                f"pattern {pattern}",
                f"gives {names[name]} and {platform} the same tag {name}",
                "add {os}, {os_version} or {arch}",
            )
        names[name] = platform
    return list(names)


def _filled(pattern: str, tag: Tag | None, platform: Platform, spelling: Spelling) -> str:
    values = {
        "arch": platform.machine if spelling is Spelling.UNAME else platform.word,
        "os": platform.os,
        "os_version": platform.os_version,
        **({"tag": tag.name} if tag else {}),
    }
    try:
        return pattern.format(**values)
    except (KeyError, ValueError, IndexError, AttributeError):
        if not tag and "{tag}" in pattern:
            raise UsageError(
                f"pattern {pattern}", "needs a tag, and none is named", "name one, or leave {tag} out: {arch}"
            ) from None
        known = ", ".join(f"{{{name}}}" for name in values)
        raise UsageError(f"pattern {pattern}", "cannot be filled in", f"it may hold {known}") from None
