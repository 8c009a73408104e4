"""Files as an artifact: oras-py decides how they are packed, nothing is sent anywhere.

oras-py assembles and uploads in one go. Here its two uploading methods only keep what they are given, so that an
artifact is written like everything else: through one plan, with regtool's credentials and checks.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import encode
from regtool.documents.manifest import Manifest
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.planning.plan import BlobMove
from regtool.values import dataclass

_EMPTY = b"{}"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or a folder, and the type that it has as a blob."""

    path: Path
    media_type: str


@dataclass(frozen=True, slots=True)
class Packed:
    """The manifest of an artifact, and the blobs that it is made of."""

    manifest: Manifest
    blobs: tuple[BlobMove, ...]


def packed(
    files: Sequence[Attachment], artifact_type: str, subject: Descriptor, annotations: Mapping[str, str], scratch: Path
) -> Packed:
    """Packs files as an artifact about `subject`. Folders become archives in `scratch`, which has to stay till then.

    The same files always give the same artifact; in the archive of a folder are the times of its files. Blocks.
    """
    from oras.provider import Registry  # brings requests and jsonschema, which only this needs

    kept: dict[Digest, BlobMove] = {}
    document: dict[str, Any] = {}

    class Packer(Registry):  # type: ignore[misc] # oras-py has no types
        """oras-py without its uploads."""

        def upload_blob(self, blob: str, _container: object, layer: dict[str, Any], **_: object) -> "_Accepted":
            """Keeps a blob. A folder's archive is taken along, as oras-py removes it."""
            descriptor = Descriptor.view(layer, blob)
            origin = Path(blob)
            if origin not in named:
                origin = Path(shutil.move(blob, scratch / descriptor.digest.hex))
                Path(blob).touch()
            kept[descriptor.digest] = BlobMove(descriptor, origin)
            return _Accepted()

        def upload_manifest(self, manifest: dict[str, Any], _container: object) -> "_Accepted":
            """Keeps the manifest."""
            document.update(manifest)
            return _Accepted()

    named = {one.path for one in files}
    empty = scratch / "empty.json"
    empty.write_bytes(_EMPTY)
    Packer(auth_backend="basic").push(
        "localhost/artifact:latest",  # a name that is needed and not used
        files=[f"{one.path}:{one.media_type}" for one in files],
        manifest_config=f"{empty}:{types.OCI_EMPTY}",
        manifest_annotations=dict(annotations),
        disable_path_validation=True,
        quiet=True,
    )
    return Packed(_manifest(document, artifact_type, subject), tuple(kept.values()))


class _Accepted:
    """The answer that oras-py looks for."""

    status_code = 201


def _manifest(document: dict[str, Any], artifact_type: str, subject: Descriptor) -> Manifest:
    """The manifest in the order of the specification, with what oras-py does not write."""
    fields = {
        "schemaVersion": 2,
        "mediaType": types.OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": document["config"],
        "layers": document["layers"],
        "subject": subject.as_json(),
    }
    if document.get("annotations"):
        fields["annotations"] = document["annotations"]
    return Manifest.written(types.OCI_MANIFEST, encode(fields), "the artifact")
