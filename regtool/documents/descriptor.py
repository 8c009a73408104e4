"""A descriptor: what content is, by type, digest and size (OCI image-spec descriptor.md, image-index.md)."""

from typing import Self

from regtool.documents import readers
from regtool.documents.document import Document, Field
from regtool.documents.readers import list_of, maybe, text, texts_by_key
from regtool.errors import UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.platform import Platform

# How BuildKit ties an attestation to its image (moby/buildkit docs/attestations/attestation-storage.md).
REFERENCE_TYPE = "vnd.docker.reference.type"
REFERENCE_DIGEST = "vnd.docker.reference.digest"
ATTESTATION = "attestation-manifest"


class PlatformObject(Document):
    """The `platform` of a descriptor, as the document has it. The field order is the order in which it is written."""

    architecture = Field("architecture", text)
    os = Field("os", text)
    os_version = Field("os.version", maybe(text), None)
    os_features = Field("os.features", maybe(list_of(text)), None)
    variant = Field("variant", maybe(text), None)

    @classmethod
    def of(cls, platform: Platform) -> Self:
        """The object for a platform; what the platform leaves empty is not written."""
        fields: dict[str, object] = {"architecture": platform.architecture, "os": platform.os}
        if platform.os_version:
            fields["os.version"] = platform.os_version
        if platform.os_features:
            fields["os.features"] = list(platform.os_features)
        if platform.variant:
            fields["variant"] = platform.variant
        return cls.read(fields)

    @property
    def value(self) -> Platform:
        """The platform as a value, spelled as here."""
        features = tuple(self.os_features or ())
        return Platform(self.os, self.architecture, self.variant or "", self.os_version or "", features)


class Descriptor(Document):
    """Points at content by digest. In an index it also says for which platform."""

    media_type = Field("mediaType", text)
    digest = Field("digest", readers.digest)
    size = Field("size", readers.size)
    urls = Field("urls", maybe(list_of(text)), None)
    annotations = Field("annotations", maybe(texts_by_key), None)
    data = Field("data", maybe(text), None)
    platform = Field("platform", maybe(PlatformObject.read), None)
    artifact_type = Field("artifactType", maybe(text), None)

    @classmethod
    def of(cls, media_type: str, digest: Digest, size: int) -> Self:
        """The plain descriptor of some content, `size` in bytes."""
        return cls.read({"mediaType": media_type, "digest": digest, "size": size})

    @property
    def attests(self) -> Digest | None:
        """The image that this entry is an attestation of; None for all other entries, and if it names none."""
        notes = self.annotations or {}
        if notes.get(REFERENCE_TYPE) != ATTESTATION:
            return None
        try:
            return Digest.parse(notes.get(REFERENCE_DIGEST, ""))
        except UsageError:
            return None

    @property
    def is_attestation(self) -> bool:
        """Whether this is an attestation and not something to run, even if what it belongs to is not readable."""
        marked = (self.annotations or {}).get(REFERENCE_TYPE) == ATTESTATION
        return marked or (self.platform is not None and self.platform.value.is_unknown)

    @property
    def is_index(self) -> bool:
        """Whether this points at a list of manifests."""
        return types.is_index(self.media_type)
