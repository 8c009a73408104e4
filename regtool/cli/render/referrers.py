"""What is about an image, as a tree for people and as nested objects for programs."""

from typing import Any

from regtool.cli.render.table import size
from regtool.operations.referrers import Referred
from regtool.transport.visible import visible

_TITLE = "org.opencontainers.image.title"


def tree_text(name: str, found: Referred) -> str:
    """The manifest, what is about it, and the same for each of its entries."""
    head = f"{name}  {found.descriptor.digest}"
    if not has_any(found):
        return f"{head}\n(nothing is about it)"
    return "\n".join([head, *_branches(found)])


def tree_json(found: Referred) -> dict[str, Any]:
    """The same as one object; the keys are part of the interface."""
    descriptor = found.descriptor
    return {
        "digest": str(descriptor.digest),
        "mediaType": descriptor.media_type,
        "artifactType": descriptor.artifact_type,
        "size": descriptor.size,
        "platform": str(descriptor.platform.value) if descriptor.platform else None,
        "annotations": descriptor.annotations or {},
        "referrers": [tree_json(one) for one in found.referrers],
        "signatures": [{"tag": tag.name, "digest": str(digest)} for tag, digest in found.signatures],
        "entries": [tree_json(one) for one in found.entries],
    }


def has_any(found: Referred) -> bool:
    """Whether anything is about a manifest, or about what it holds."""
    return bool(found.referrers or found.signatures) or any(has_any(entry) for entry in found.entries)


def _branches(found: Referred) -> list[str]:
    branches = [[_about(one), *_branches(one)] for one in found.referrers]
    branches += [[f"cosign {tag}  {digest}"] for tag, digest in found.signatures]
    branches += [[_entry(one), *_branches(one)] for one in found.entries if has_any(one)]
    lines: list[str] = []
    for position, (first, *rest) in enumerate(branches):
        is_last = position == len(branches) - 1
        lines.append(f"{'└─' if is_last else '├─'} {first}")
        lines += [f"{'  ' if is_last else '│ '} {line}" for line in rest]
    return lines


def _about(one: Referred) -> str:
    descriptor = one.descriptor
    title = (descriptor.annotations or {}).get(_TITLE, "")
    words = [descriptor.artifact_type or descriptor.media_type, str(descriptor.digest), size(descriptor.size), title]
    return "  ".join(visible(word) for word in words if word)


def _entry(one: Referred) -> str:
    platform = one.descriptor.platform.value if one.descriptor.platform else None
    return f"{visible(str(platform)) if platform else one.descriptor.media_type}  {one.descriptor.digest}"
