"""One image: its manifest and its configuration (OCI image-spec manifest.md, config.md; Docker schema 2)."""

from regtool.documents.descriptor import Descriptor
from regtool.documents.document import Document, Field
from regtool.documents.readers import integer, json_object, list_of, maybe, text, texts_by_key
from regtool.model.platform import Platform


class ImageManifest(Document):
    """A manifest with a configuration and layers. Artifacts have this form too."""

    schema_version = Field("schemaVersion", integer)
    media_type = Field("mediaType", maybe(text), None)
    artifact_type = Field("artifactType", maybe(text), None)
    config = Field("config", Descriptor.read)
    layers = Field("layers", list_of(Descriptor.read))
    subject = Field("subject", maybe(Descriptor.read), None)
    annotations = Field("annotations", maybe(texts_by_key), None)

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

    user = Field("User", maybe(text), None)
    environment = Field("Env", maybe(list_of(text)), None)
    entrypoint = Field("Entrypoint", maybe(list_of(text)), None)
    command = Field("Cmd", maybe(list_of(text)), None)
    working_directory = Field("WorkingDir", maybe(text), None)
    labels = Field("Labels", maybe(texts_by_key), None)


class ImageConfig(Document):
    """An image configuration: which platform it was built for, when, and how to run it."""

    architecture = Field("architecture", text)
    os = Field("os", text)
    os_version = Field("os.version", maybe(text), None)
    os_features = Field("os.features", maybe(list_of(text)), None)
    variant = Field("variant", maybe(text), None)
    created = Field("created", maybe(text), None)
    config = Field("config", maybe(RunConfig.read), None)
    rootfs = Field("rootfs", maybe(json_object), None)

    @property
    def platform(self) -> Platform:
        """The platform that the image was built for, spelled as here."""
        features = tuple(self.os_features or ())
        return Platform(self.os, self.architecture, self.variant or "", self.os_version or "", features)

    @property
    def labels(self) -> dict[str, str]:
        """The image's labels."""
        return (self.config.labels if self.config else None) or {}
