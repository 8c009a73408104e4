"""A manifest as it travels: exact bytes, their media type and digest, and views onto what they say."""

from dataclasses import field
from typing import Any, Self

from regtool.documents.descriptor import Descriptor
from regtool.documents.image import ImageManifest
from regtool.documents.index import Index
from regtool.documents.strict_json import folded, load_object
from regtool.errors import ContentError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.values import dataclass

# What every registry takes (OCI distribution-spec "Pushing manifests"); more is refused on the way in and out.
MAX_MANIFEST = 4 * 1024 * 1024

_OF_AN_IMAGE = frozenset({"config", "layers", "fslayers"})  # folded


@dataclass(frozen=True, slots=True)
class Manifest:
    """An index, an image manifest or an artifact manifest. Equal when type and bytes are."""

    media_type: str
    content: bytes = field(repr=False)
    digest: Digest
    document: dict[str, Any] = field(repr=False, compare=False)
    what: str = field(compare=False)

    @classmethod
    def received(cls, content: bytes, content_type: str, what: str, expected: Digest | None = None) -> Self:
        """A manifest as a registry or a layout hands it out; `what` names it in errors.

        The digest is computed over `content` and, where one is `expected`, compared. `content_type` must agree with
        the document's own `mediaType` (OCI distribution-spec "Pulling manifests"). Raises ContentError.
        """
        digest = expected or Digest.of(content)
        digest.verify(content, what)
        if types.bare(content_type) in types.SCHEMA1:
            raise _schema1(what)
        document = load_object(content, what)
        return cls(_agreed_type(document, types.bare(content_type), what), content, digest, document, what)

    @classmethod
    def written(cls, media_type: str, content: bytes, what: str) -> Self:
        """A manifest that regtool itself has just made."""
        return cls.received(content, media_type, what)

    @property
    def is_index(self) -> bool:
        """Whether this is a list of manifests."""
        return types.is_index(self.media_type)

    @property
    def descriptor(self) -> Descriptor:
        """The descriptor that points here, without platform."""
        return Descriptor.of(self.media_type, self.digest, len(self.content))

    def as_index(self) -> Index:
        """The list that this is. Raises ContentError if it is none."""
        if not self.is_index:
            raise ContentError(self.what, f"is no list of manifests but {self.media_type}")
        return Index.view(self.document, self.what)

    def as_image(self) -> ImageManifest:
        """The manifest of one image or artifact. Raises ContentError if it is a list."""
        if self.is_index:
            raise ContentError(self.what, "is a list of manifests, not one image")
        return ImageManifest.view(self.document, self.what)


def _agreed_type(document: dict[str, Any], content_type: str, what: str) -> str:
    """The one media type that header and document agree on; the shape must fit it too (CVE-2021-41190)."""
    own = document.get("mediaType")
    if own is not None and not isinstance(own, str):
        raise ContentError(what, "mediaType is not text")
    if document.get("schemaVersion") == 1:
        raise _schema1(what)
    if own and content_type and own != content_type:
        raise ContentError(what, f"was sent as {content_type}, but says of itself that it is {own}")
    agreed = own or content_type or _type_of_shape(document)
    if agreed not in types.INDEXES | types.IMAGES:
        raise ContentError(what, f"is no manifest but {agreed or 'a document of unknown type'}")
    if not _has_form(document, agreed):
        raise ContentError(what, f"does not have the form of {agreed}")
    return agreed


def _has_form(document: dict[str, Any], media_type: str) -> bool:
    """Whether the keys fit the type, and no reader can take a list for an image or the reverse."""
    keys = {folded(key) for key in document}
    is_list = "manifests" in keys
    return is_list == types.is_index(media_type) and not (is_list and keys & _OF_AN_IMAGE)


def _type_of_shape(document: dict[str, Any]) -> str:
    if "manifests" in document:
        return types.OCI_INDEX
    return types.OCI_MANIFEST if "config" in document else ""


def _schema1(what: str) -> ContentError:
    return ContentError(
        what,
        "is an image of Docker schema 1, which lists cannot hold",
        "rebuild or pull and push it with a current tool",
    )
