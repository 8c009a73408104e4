"""The YAML of manifest-tool (`push from-spec`), as it is written by those who come from there.

Its platforms have the keys `osversion` and `osfeatures`, for the structure that it reads into has no names of its own.
"""

from typing import Any

from regtool.errors import UsageError
from regtool.model.platform import Platform


def is_manifest_tool(document: dict[str, Any]) -> bool:
    """Whether a document is of that form: one target at the top, and `manifests` below it."""
    return "manifests" in document and "images" not in document


def translated(document: dict[str, Any], what: str) -> dict[str, Any]:
    """The same as a document of regtool's form. Raises UsageError for what is of neither."""
    unknown = document.keys() - {"image", "tags", "annotations", "manifests"}
    if unknown or not isinstance(document.get("manifests"), list):
        raise UsageError(what, f"is of manifest-tool's form, but has {', '.join(sorted(unknown)) or 'no manifests'}")
    image = {
        "target": document.get("image"),
        "tags": document.get("tags") or [],
        "annotations": document.get("annotations") or {},
        "sources": [_leg(entry, what) for entry in document["manifests"]],
    }
    return {"images": [image]}


def _leg(entry: Any, what: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise UsageError(what, "has a manifest that is no mapping")
    platform = entry.get("platform")
    if not isinstance(platform, dict) or not platform.get("architecture") or not platform.get("os"):
        return {"image": entry.get("image")}
    features = platform.get("osfeatures") or ()
    named = Platform(
        str(platform["os"]),
        str(platform["architecture"]),
        str(platform.get("variant") or ""),
        str(platform.get("osversion") or ""),
        tuple(features),
    )
    return {"image": entry.get("image"), "platform": str(named)}
