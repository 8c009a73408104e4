"""What changes between two lists besides the images: annotations, and what attests to an image."""

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import Index
from regtool.documents.manifest import Manifest
from regtool.planning.difference import Change
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is said, before and after; None where it is not said."""

    what: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> Change:
        """The change in a word."""
        if self.before is None:
            return Change.ADDED
        return Change.REMOVED if self.after is None else Change.CHANGED


def remarks(before: Manifest, after: Manifest) -> list[Remark]:
    """What is said otherwise, the list's own annotations first. Of images that come or go nothing is told."""
    old, new = _said(before), _said(after)
    images = old.keys() & new.keys()
    found = [
        Remark(f"{word} of {image}" if image else word, old[image].get(word), new[image].get(word))
        for image in new
        if image in images
        for word in dict.fromkeys([*old[image], *new[image]])
    ]
    return [remark for remark in found if remark.before != remark.after]


def _said(manifest: Manifest) -> dict[str, dict[str, str]]:
    """What is said of the list (by the empty name) and of each image in it, by its platform or digest."""
    if not manifest.is_index:
        return {"": _annotations(manifest.as_image().annotations)}
    index = manifest.as_index()
    images: dict[str, dict[str, str]] = {}
    for entry in index.images:
        images.setdefault(_name(entry), _annotations(entry.annotations) | _attestations(entry, index))
    return {"": _annotations(index.annotations), **images}


def _annotations(notes: dict[str, str] | None) -> dict[str, str]:
    return {f"annotation {key}": value for key, value in (notes or {}).items()}


def _attestations(image: Descriptor, index: Index) -> dict[str, str]:
    digests = [entry.digest for entry in index.manifests if entry.attests == image.digest]
    return {"attestation": ", ".join(f"{one.algorithm}:{one.short}" for one in digests)} if digests else {}


def _name(entry: Descriptor) -> str:
    return str(entry.platform.value.normalized() if entry.platform else entry.digest)
