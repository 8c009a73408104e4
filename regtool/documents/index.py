"""An index (OCI) or manifest list (Docker): one tag, many platforms (OCI image-spec image-index.md)."""

import json
from collections.abc import Mapping
from typing import Any, Self

from regtool.documents.descriptor import Descriptor
from regtool.documents.document import Document, Field
from regtool.documents.readers import integer, list_of, maybe, text, texts_by_key

_ESCAPED = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


class Index(Document):
    """A list of manifests. The field order is the order in which it is written."""

    schema_version = Field("schemaVersion", integer, 2)
    media_type = Field("mediaType", maybe(text), None)
    artifact_type = Field("artifactType", maybe(text), None)
    manifests = Field("manifests", list_of(Descriptor.read))
    subject = Field("subject", maybe(Descriptor.read), None)
    annotations = Field("annotations", maybe(texts_by_key), None)

    @classmethod
    def of(
        cls,
        media_type: str,
        manifests: list[Descriptor],
        annotations: dict[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> Self:
        """A new index. Entries are taken as they are, in the order given; `more` are fields of other kinds."""
        fields: dict[str, Any] = {**(more or {}), "schemaVersion": 2, "mediaType": media_type, "manifests": manifests}
        if annotations:
            fields["annotations"] = annotations
        return cls.read(fields)

    def to_bytes(self) -> bytes:
        """The bytes to publish. For equal entries they are those of `docker buildx imagetools create`."""
        return encode(self.as_json())

    @property
    def images(self) -> list[Descriptor]:
        """The entries that run somewhere, without attestations."""
        return [entry for entry in self.manifests if not entry.is_attestation]

    @property
    def attestations(self) -> list[Descriptor]:
        """The entries that attest to others."""
        return [entry for entry in self.manifests if entry.is_attestation]


def encode(document: dict[str, Any]) -> bytes:
    """JSON as Go's `MarshalIndent` with two spaces writes it, so that equal lists have equal digests across tools.

    Maps from key to text (`annotations`) are sorted by key, and `<`, `>`, `&`, U+2028 and U+2029 are escaped.
    """
    return json.dumps(_sorted_maps(document), indent=2, ensure_ascii=False).translate(_ESCAPED).encode()


def _sorted_maps(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        items = sorted(value.items()) if key == "annotations" else value.items()
        return {name: _sorted_maps(inner, name) for name, inner in items}
    if isinstance(value, list):
        return [_sorted_maps(inner) for inner in value]
    return value
