"""What a pipeline wants to know of a creation, once for all forms."""

from typing import Self

from regtool.operations.merging import Creation
from regtool.transport.visible import visible
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """The list by its digest, where it is, under which tags, and for which platforms: images may say anything of those."""

    digest: str
    reference: str
    media_type: str
    size: int
    tags: tuple[str, ...]
    platforms: tuple[str, ...]
    changed: bool

    @classmethod
    def of(cls, creation: Creation) -> Self:
        """The facts of what was published; of several lists, as adding to several tags may give, those of the first."""
        root = creation.plan.root
        return cls(
            digest=str(root.digest),
            reference=str(creation.plan.result),
            media_type=root.media_type,
            size=len(root.content),
            tags=tuple(map(str, creation.tags)),
            platforms=tuple(visible(str(member.platform)) for member in creation.members if member.platform),
            changed=not creation.writes_nothing,
        )
