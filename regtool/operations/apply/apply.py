"""Everything that a file asks for, planned together and published as one."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from regtool.concurrency import each
from regtool.errors import ConflictError, UsageError
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations.apply.file import ApplyFile, Image, Leg
from regtool.operations.create import plan_create
from regtool.operations.create_request import CreateRequest, parse_targets
from regtool.operations.events import Listener, ignore
from regtool.operations.inputs.arch_tags import arch_tags
from regtool.operations.members import SourceSpec
from regtool.operations.merging import Creation
from regtool.operations.publish import Journal, keep_no_journal, publish
from regtool.planning.guards import Guards
from regtool.planning.shape import Shape
from regtool.stores.places import Stores
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Application:
    """One image of the file, and what has been found out for it."""

    image: Image
    creation: Creation


async def plan_apply(
    file: ApplyFile, stores: Stores, only: Sequence[str] = (), listen: Listener = ignore
) -> list[Application]:
    """Plans every image that `only` names (names or patterns; all if empty), at once. Writes nothing.

    Raises what the first image that cannot be planned raises: then nothing of the file is written.
    """
    images = _chosen(file.images, only)
    requests = [_request(image) for image in images]
    _refuse_contradictions(requests)
    creations = await each(lambda request: plan_create(request, stores, listen), requests)
    return [Application(image, creation) for image, creation in zip(images, creations, strict=True)]


async def apply(
    applications: Sequence[Application], stores: Stores, listen: Listener = ignore, journal: Journal = keep_no_journal
) -> None:
    """Publishes all that was planned as one: everything is in place everywhere before the first tag moves."""
    await publish([plan for one in applications for plan in one.creation.plans], stores, listen, journal)


def _chosen(images: Sequence[Image], only: Sequence[str]) -> list[Image]:
    for wanted in only:
        if not any(fnmatchcase(image.title, wanted) for image in images):
            offered = ", ".join(image.title for image in images)
            raise UsageError(f"--only {wanted}", "names no image of the file", f"there is {offered}")
    return [image for image in images if not only or any(fnmatchcase(image.title, wanted) for wanted in only)]


def _request(image: Image) -> CreateRequest:
    targets = parse_targets(image.target, image.tags)
    first = targets[0].references[0]
    return CreateRequest(targets, tuple(_sources(image, first)), _shape(image), _guards(image))


def _sources(image: Image, target: Reference) -> list[SourceSpec]:
    named = [
        SourceSpec.parse(f"{source.image}={source.platform}" if source.platform else source.image, target.place)
        for source in (Leg(image=one) if isinstance(one, str) else one for one in image.sources)
    ]
    if not image.arch_tags:
        return named
    made = arch_tags(target, ",".join(image.arch_tags), image.arch_tag_pattern)
    return [*named, *map(SourceSpec, made)]


def _shape(image: Image) -> Shape:
    return Shape(
        type=image.type,
        convert=image.convert,
        annotations=image.annotations,
        platforms=_platforms(image.platforms),
        attestations=image.attestations,
        keep_order=image.keep_order,
    )


def _guards(image: Image) -> Guards:
    return Guards(
        expect=_platforms(image.expect),
        allow_shrink=image.allow_shrink,
        same_revision=image.same_revision,
        allow_mixed_revisions=image.allow_mixed_revisions,
        not_older=image.not_older,
    )


def _platforms(names: Sequence[str]) -> tuple[Platform, ...]:
    return tuple(Platform.parse(name) for name in names)


def _refuse_contradictions(requests: Sequence[CreateRequest]) -> None:
    """No tag may be written by two images: which one it holds in the end would be chance."""
    seen: dict[Reference, Reference] = {}
    for request in requests:
        for reference in (one for target in request.targets for one in target.references):
            other = seen.setdefault(reference, request.first)
            if other != request.first:
                raise ConflictError(str(reference), f"is written by {other} and by {request.first}", "leave one out")
