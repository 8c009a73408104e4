"""One image: its manifest and its configuration (OCI image-spec manifest.md, config.md; Docker schema 2)."""

from typing import Any

from pydantic import Field

from regtool.documents.descriptor import Descriptor
from regtool.documents.document import Annotations, Document
from regtool.model.platform import Platform


class ImageManifest(Document):
    """A manifest with a configuration and layers. Artifacts have this form too."""

    schema_version: int = Field(alias="schemaVersion")
    media_type: str | None = Field(None, alias="mediaType")
    artifact_type: str | None = Field(None, alias="artifactType")
    config: Descriptor
    layers: list[Descriptor]
    subject: Descriptor | None = None
    annotations: Annotations | None = None

    @property
    def blobs(self) -> list[Descriptor]:
        """Everything that must be there before this manifest: the configuration, then the layers; each digest once."""
        return list({blob.digest: blob for blob in (self.config, *self.layers)}.values())

    @property
    def size(self) -> int:
        """What a client downloads, in bytes: the configuration and the layers as they are stored, each once."""
        return sum(blob.size for blob in self.blobs)


class RunConfig(Document):
    """The part of an image configuration that says how to run it."""

    user: str | None = Field(None, alias="User")
    environment: list[str] | None = Field(None, alias="Env")
    entrypoint: list[str] | None = Field(None, alias="Entrypoint")
    command: list[str] | None = Field(None, alias="Cmd")
    working_directory: str | None = Field(None, alias="WorkingDir")
    labels: dict[str, str] | None = Field(None, alias="Labels")


class ImageConfig(Document):
    """An image configuration: which platform it was built for, when, and how to run it."""

    architecture: str
    os: str
    os_version: str | None = Field(None, alias="os.version")
    os_features: list[str] | None = Field(None, alias="os.features")
    variant: str | None = None
    created: str | None = None
    config: RunConfig | None = None
    rootfs: dict[str, Any] | None = None

    @property
    def platform(self) -> Platform:
        """The platform that the image was built for, spelled as here."""
        features = tuple(self.os_features or ())
        return Platform(self.os, self.architecture, self.variant or "", self.os_version or "", features)

    @property
    def labels(self) -> dict[str, str]:
        """The image's labels."""
        return (self.config.labels if self.config else None) or {}
