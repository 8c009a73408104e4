"""A smaller list out of a larger one: only some platforms, and the attestations of those."""

from collections.abc import Sequence

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import encode
from regtool.documents.manifest import Manifest
from regtool.errors import NotFoundError, UsageError
from regtool.model.platform import Platform


def narrowed(manifest: Manifest, platforms: Sequence[Platform]) -> Manifest:
    """The list with only the images for these platforms. Whatever else it says stays, and so does the order.

    If nothing has to go, it is the very same list. Raises NotFoundError for a platform that it does not have.
    """
    index = manifest.as_index()
    for entry in index.images:
        if entry.is_index:
            raise UsageError(manifest.what, "holds a list within the list", "copy it whole, or flatten it with create")
    _refuse_missing(manifest, index.images, platforms)
    images = {entry.digest for entry in index.images if _is_wanted(entry, platforms)}
    kept = [entry for entry in index.manifests if entry.attests in images or _is_wanted(entry, platforms)]
    if len(kept) == len(index.manifests):
        return manifest
    document = {**manifest.document, "manifests": [_row(manifest, entry) for entry in kept]}
    return Manifest.written(manifest.media_type, encode(document), f"{manifest.what}, narrowed")


def sole_image(manifest: Manifest, platforms: Sequence[Platform]) -> Descriptor:
    """The one image of a list, of those for these platforms if there are any. Raises UsageError if it is not one."""
    index = manifest.as_index()
    _refuse_missing(manifest, index.images, platforms)
    found = [entry for entry in index.images if not platforms or _is_wanted(entry, platforms)]
    if len({entry.digest for entry in found}) != 1:
        offered = ", ".join(str(entry.platform.value) for entry in found if entry.platform)
        raise UsageError(manifest.what, f"holds {len(found)} images ({offered})", "name one with --platform")
    return found[0]


def _is_wanted(entry: Descriptor, platforms: Sequence[Platform]) -> bool:
    return entry.platform is not None and any(entry.platform.value.satisfies(wanted) for wanted in platforms)


def _refuse_missing(manifest: Manifest, images: Sequence[Descriptor], platforms: Sequence[Platform]) -> None:
    offered = ", ".join(str(entry.platform.value) for entry in images if entry.platform)
    for wanted in platforms:
        if not any(_is_wanted(entry, [wanted]) for entry in images):
            raise NotFoundError(manifest.what, f"has no image for {wanted}", f"it has {offered or 'none at all'}")


def _row(manifest: Manifest, entry: Descriptor) -> object:
    """An entry as it stands in the list, with fields that nobody knows and in their order."""
    rows = manifest.document["manifests"]
    return next(row for row, view in zip(rows, manifest.as_index().manifests, strict=True) if view == entry)
