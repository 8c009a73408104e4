"""What has to be in a place before a manifest may be (OCI distribution-spec, "Pushing Manifests")."""

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest

# Layers that must not be handed on: clients fetch them from elsewhere (image-spec layer.md, Docker schema 2).
_NOT_DISTRIBUTED = ("application/vnd.oci.image.layer.nondistributable.", "application/vnd.docker.image.rootfs.foreign.")


def needs(manifest: Manifest) -> list[Descriptor]:
    """What the manifest is made of: a list's entries, or configuration and layers. Never its subject.

    Raises ContentError for a document that is not what its media type says.
    """
    if manifest.is_index:
        return manifest.as_index().manifests
    return [blob for blob in manifest.as_image().blobs if is_distributed(blob)]


def is_distributed(blob: Descriptor) -> bool:
    """Whether a registry holds this blob itself, and does not leave it to clients to find it elsewhere."""
    return not blob.media_type.startswith(_NOT_DISTRIBUTED)


def withheld(manifest: Manifest) -> list[Descriptor]:
    """The layers that a place need not hold, and that are nowhere else: no `urls` say where."""
    if manifest.is_index:
        return []
    return [blob for blob in manifest.as_image().blobs if not is_distributed(blob) and not blob.urls]


def subject_of(manifest: Manifest) -> Descriptor | None:
    """What the manifest says something about, if it does."""
    return (manifest.as_index() if manifest.is_index else manifest.as_image()).subject


def referrer(manifest: Manifest) -> Descriptor:
    """The descriptor by which a manifest is listed under its subject ("Listing Referrers")."""
    if manifest.is_index:
        index = manifest.as_index()
        kind, notes = index.artifact_type, index.annotations
    else:
        image = manifest.as_image()
        kind, notes = image.artifact_type or image.config.media_type, image.annotations
    more = {"artifactType": kind or None, "annotations": notes or None}
    fields = manifest.descriptor.as_json() | {key: value for key, value in more.items() if value}
    return Descriptor.view(fields, manifest.what)
