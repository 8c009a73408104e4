"""`regtool.yaml`: which lists there should be, and of what. Its JSON schema is docs/regtool.schema.json."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from regtool.errors import UsageError
from regtool.operations.apply.lines import Lines, read_lines
from regtool.operations.apply.manifest_tool import is_manifest_tool, translated
from regtool.operations.inputs.arch_tags import DEFAULT_PATTERN
from regtool.operations.mistake import first_mistake
from regtool.planning.shape import Attestations, ListType


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Leg(_Entry):
    """One image that goes into a list, with its platform if the image's own is wrong."""

    image: str = Field(description="A tag, a digest, or a bare sha256:… in the target's repository.")
    platform: str | None = Field(None, description="os/architecture[/variant]; else what the image says.")


class Options(_Entry):
    """What may be said for one image or, under `defaults`, for all."""

    arch_tags: tuple[str, ...] = Field(
        (), alias="arch-tags", description="Architectures; with x86_64 the source TARGET-x86_64 is taken."
    )
    arch_tag_pattern: str = Field(
        DEFAULT_PATTERN, alias="arch-tag-pattern", description="How the tag of an architecture is made."
    )
    type: ListType = Field(ListType.AUTO, description="Docker manifest list or OCI index.")
    convert: bool = Field(default=False, description="With `type`: rewrite images of the other family.")
    attestations: Attestations = Field(Attestations.KEEP, description="What happens to provenance and SBOMs.")
    annotations: dict[str, str] = Field({}, description="Annotations of the index.")
    platforms: tuple[str, ...] = Field((), description="Keep only these platforms.")
    expect: tuple[str, ...] = Field((), description="Refuse unless the list has these platforms and no others.")
    keep_order: bool = Field(default=False, alias="keep-order", description="List the images in the order given.")
    allow_shrink: bool = Field(
        default=False, alias="allow-shrink", description="Let a tag lose platforms that it has now."
    )
    same_revision: bool = Field(
        default=False, alias="same-revision", description="Refuse unless all images say that they are of one commit."
    )
    allow_mixed_revisions: bool = Field(
        default=False, alias="allow-mixed-revisions", description="Merge images of different commits."
    )
    not_older: bool = Field(default=False, alias="not-older", description="Never move a tag to an older build.")


class Image(Options):
    """One list: its tags, and the images that it is made of."""

    target: str = Field(description="The tag to write: host/repository:tag.")
    name: str | None = Field(None, description="What --only calls it; the target if nothing is said.")
    tags: tuple[str, ...] = Field((), description="More tags: bare ones, or full references to other repositories.")
    sources: tuple[str | Leg, ...] = Field((), description="The images to merge.")

    @property
    def title(self) -> str:
        """What the user calls it."""
        return self.name or self.target


class ApplyFile(_Entry):
    """The whole file."""

    version: Literal["1"] = Field("1", description="The version of this format.")
    defaults: Options = Field(Options(), description="What holds for every image that does not say otherwise.")
    images: Annotated[tuple[Image, ...], Field(min_length=1, description="The lists to publish.")]


def read_apply_file(content: bytes, what: str) -> ApplyFile:
    """Reads a file of this format, or one of manifest-tool. Raises UsageError with the line and the path in it."""
    lines = read_lines(content, what)
    if not isinstance(lines.value, dict):
        raise UsageError(what, "holds no `images:`", "`regtool apply --help` shows the form")
    document = translated(lines.value, what) if is_manifest_tool(lines.value) else lines.value
    return _checked(_with_defaults(document), lines, what)


def _with_defaults(document: dict[str, Any]) -> dict[str, Any]:
    defaults, images = document.get("defaults"), document.get("images")
    if not isinstance(defaults, dict) or not isinstance(images, list):
        return document
    return document | {"images": [defaults | one if isinstance(one, dict) else one for one in images]}


def _checked(document: dict[str, Any], lines: Lines, what: str) -> ApplyFile:
    try:
        return ApplyFile.model_validate(document)
    except ValidationError as error:
        path, words = first_mistake(error)
        where = ".".join(map(str, path)) or "the file"
        raise UsageError(f"{what}:{lines.of(path)}", f"{where}: {words}") from None
