"""What `create` is asked for."""

from collections.abc import Sequence
from dataclasses import field
from typing import Self

from regtool.errors import UsageError
from regtool.model.reference import Place, Reference, Tag
from regtool.operations.members import SourceSpec
from regtool.planning.guards import Guards
from regtool.planning.shape import Shape
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A place to write to, and the tags there."""

    place: Place
    tags: tuple[Tag, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """Each tag by its full name."""
        return tuple(self.place.at(tag) for tag in self.tags)


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """The tags to write, in one or several places, the sources to merge, the shape of the list, and what must hold.

    `append` adds the sources to what each tag holds now. `wait` is how many seconds to wait for sources, and for
    the platforms of `guards.expect`, that are not there yet. `delete_sources` removes the tags of the sources once
    all is written. `keep_old` names the tag that pins what a tag was, as `operations.keep_old` does it.
    """

    targets: tuple[Target, ...]
    sources: tuple[SourceSpec, ...]
    shape: Shape = field(default_factory=Shape)
    guards: Guards = field(default_factory=Guards)
    append: bool = False
    wait: float = 0.0
    delete_sources: bool = False
    keep_old: str | None = None

    def __post_init__(self) -> None:
        if self.append and self.guards.if_digest:
            raise UsageError("--if-digest", "is not for --append, which adds to whatever the tag holds")
        if not self.sources:
            raise UsageError(str(self.first), "no source to merge", "name the per-arch images behind the target")

    @classmethod
    def parse(
        cls,
        target: str,
        sources: Sequence[str],
        *,
        tags: Sequence[str] = (),
        shape: Shape | None = None,
        guards: Guards | None = None,
    ) -> Self:
        """Reads the words of the command line: `host/repo:tag`, sources, more tags. Raises UsageError."""
        targets = parse_targets(target, tags)
        specs = tuple(SourceSpec.parse(source, targets[0].place) for source in sources)
        return cls(targets, specs, shape or Shape(), guards or Guards())

    @property
    def first(self) -> Reference:
        """The target that was named first."""
        return self.targets[0].references[0]

    @property
    def places(self) -> list[Place]:
        """Where to write."""
        return [target.place for target in self.targets]


def parse_targets(target: str, tags: Sequence[str] = ()) -> tuple[Target, ...]:
    """Reads a target and more of them: a bare tag is in the place of the first, a full reference where it says."""
    first = Reference.parse_target(target)
    found = [first, *(Reference.parse_target(in_full(text, first.place)) for text in tags)]
    tags_by_place: dict[Place, dict[Tag, None]] = {}
    for reference in found:
        assert reference.tag is not None
        tags_by_place.setdefault(reference.place, {})[reference.tag] = None
    return tuple(Target(place, tuple(names)) for place, names in tags_by_place.items())


def in_full(tag: str, place: Place) -> str:
    """A tag as the user names it, with the place that a bare one is in."""
    return tag if "/" in tag or ":" in tag else f"{place}:{tag}"
