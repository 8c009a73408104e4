"""The same image in the other family's words: Docker schema 2 as OCI, or the reverse (OCI image-spec, "Compatibility").

Only media types change, never a blob. What one family can say and the other cannot is named in `lost`.
"""

from typing import Any

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import encode
from regtool.documents.manifest import Manifest
from regtool.errors import ContentError
from regtool.model import media_type as types
from regtool.planning.shape import ListType
from regtool.values import dataclass

_DOCKER_LAYER, _DOCKER_FOREIGN = (
    "application/vnd.docker.image.rootfs.diff",
    "application/vnd.docker.image.rootfs.foreign.diff",
)
_OCI_LAYER, _OCI_FOREIGN = "application/vnd.oci.image.layer.v1", "application/vnd.oci.image.layer.nondistributable.v1"

_TO_OCI = {
    types.DOCKER_LIST: types.OCI_INDEX,
    types.DOCKER_MANIFEST: types.OCI_MANIFEST,
    types.DOCKER_CONFIG: types.OCI_CONFIG,
    **{
        f"{docker}.tar{packed and '.' + packed}": f"{oci}.tar{packed and '+' + packed}"
        for docker, oci in ((_DOCKER_LAYER, _OCI_LAYER), (_DOCKER_FOREIGN, _OCI_FOREIGN))
        for packed in ("", "gzip", "zstd")
    },
}
_TO_DOCKER = {oci: docker for docker, oci in _TO_OCI.items()}
_ONLY_OCI = ("artifactType", "subject", "annotations")


@dataclass(frozen=True, slots=True)
class Converted:
    """A manifest of the wanted family, and the names of the fields that it could not keep."""

    manifest: Manifest
    lost: tuple[str, ...] = ()


def fits(media_type: str, family: ListType) -> bool:
    """Whether a manifest of this type is of the family already."""
    return types.is_docker(media_type) == (family is ListType.DOCKER)


def converted_image(manifest: Manifest, family: ListType) -> Converted:
    """An image with the types of the family. Raises ContentError for what is no image, or has layers without equal."""
    if fits(manifest.media_type, family):
        return Converted(manifest)
    image = manifest.as_image()
    if image.subject or image.artifact_type:
        raise ContentError(manifest.what, "is an artifact, which Docker's types cannot express", "leave it out")
    document = manifest.document
    parts = {
        "config": _typed(document["config"], family, manifest.what),
        "layers": [_typed(layer, family, manifest.what) for layer in document["layers"]],
    }
    return _made(manifest, parts, family)


def converted_list(manifest: Manifest, rows: list[Descriptor], family: ListType) -> Converted:
    """A list with these rows, and the type of the family."""
    return _made(manifest, {"manifests": [row.as_json() for row in rows]}, family)


def converted_row(row: Descriptor, manifest: Manifest) -> Descriptor:
    """The row of a list, pointing at the manifest that its image has become."""
    fields = row.as_json() | manifest.descriptor.as_json()
    if types.is_docker(manifest.media_type):
        fields.pop("annotations", None)
    return Descriptor.view(fields, manifest.what)


def _made(manifest: Manifest, parts: dict[str, Any], family: ListType) -> Converted:
    """The document with its new type and parts. All else stays in its place, but for what Docker's types lack."""
    table = _TO_DOCKER if family is ListType.DOCKER else _TO_OCI
    media_type = table.get(manifest.media_type, manifest.media_type)
    lost = tuple(key for key in _ONLY_OCI if key in manifest.document and family is ListType.DOCKER)
    kept = {key: value for key, value in manifest.document.items() if key not in lost}
    content = encode({"schemaVersion": 2, "mediaType": media_type} | kept | {"mediaType": media_type} | parts)
    return Converted(Manifest.written(media_type, content, f"{manifest.what}, converted"), lost)


def _typed(part: dict[str, Any], family: ListType, what: str) -> dict[str, Any]:
    """A configuration or layer under the family's name for its type."""
    table = _TO_DOCKER if family is ListType.DOCKER else _TO_OCI
    media_type = part["mediaType"]
    if media_type in table.values():
        return part
    if media_type not in table:
        raise ContentError(what, f"has a part of type {media_type}, for which {family} has no word", "copy it as it is")
    return {**part, "mediaType": table[media_type]}
