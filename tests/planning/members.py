"""Members to plan with: made up, or from what real builders wrote."""

from regtool.documents.descriptor import Descriptor, PlatformObject
from regtool.documents.image import ImageConfig
from regtool.documents.strict_json import load_object
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.planning.member import Member
from tests.documents.samples import blob, root


def digest(content: str) -> Digest:
    """A digest that differs with the text."""
    return Digest.of(content.encode())


def entry(
    content: str, platform: str | Platform | None = None, media_type: str = types.OCI_MANIFEST, **more: object
) -> Descriptor:
    """A row of a list."""
    fields: dict[str, object] = {"mediaType": media_type, "digest": digest(content), "size": 7, **more}
    if platform is not None:
        value = platform if isinstance(platform, Platform) else Platform(*platform.split("/"))  # type: ignore[arg-type]
        fields["platform"] = PlatformObject.of(value).as_json()
    return Descriptor.read(fields)


def attestation(image: str, content: str = "") -> Descriptor:
    """An attestation of the image with this content."""
    notes = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": str(digest(image))}
    return entry(content or f"attests {image}", "unknown/unknown", annotations=notes)


def member(
    content: str,
    platform: str | Platform | None,
    *attestations: Descriptor,
    source: str = "localhost:5000/app:1.0",
    media_type: str = types.OCI_MANIFEST,
    **more: object,
) -> Member:
    """An image on its way into a list."""
    row = entry(content, platform, media_type, **more)
    return Member(Reference.parse(source), row, row.platform.value if row.platform else None, attestations)


def built(name: str) -> list[Member]:
    """What a tar of fixtures/buildx brings: the platform from the configuration, or the rows of its list."""
    top, source = root(name), Reference.parse(f"localhost:5000/app:{name}")
    if not top.is_index:
        config = ImageConfig.view(load_object(blob(name, top.as_image().config.digest), name), name)
        return [Member(source, top.descriptor, config.platform)]
    rows = top.as_index()
    return [
        Member(source, image, image.platform.value, tuple(a for a in rows.attestations if a.attests == image.digest))
        for image in rows.images
        if image.platform
    ]
