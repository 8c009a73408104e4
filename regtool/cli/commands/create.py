"""`regtool create`."""

import os
from collections.abc import Iterable

from regtool.cli import create_options as options
from regtool.cli.annotations import annotations_of
from regtool.cli.options import DryRun, KeepOld, Tags
from regtool.cli.outputs.tell import Outputs
from regtool.cli.render.creation import creation_json, plan_text
from regtool.cli.run import Run
from regtool.errors import UsageError
from regtool.model.duration import parse_duration
from regtool.model.platform import Platform
from regtool.model.reference import place_of
from regtool.operations.create import create as create_list
from regtool.operations.create import plan_create
from regtool.operations.create_request import CreateRequest, parse_targets
from regtool.operations.inputs.arch_tags import DEFAULT_PATTERN
from regtool.operations.inputs.metadata_action import ActionMetadata
from regtool.operations.inputs.sources import SourceInputs
from regtool.operations.merging import Creation
from regtool.planning.guards import Guards, Seen
from regtool.planning.shape import Attestations, ListType, Shape
from regtool.values import dataclass

EXAMPLES = (
    "regtool create localhost:5000/app:1.0 localhost:5000/app:1.0-x86_64 localhost:5000/app:1.0-aarch64",
    "regtool create localhost:5000/app:1.0 -t latest --arch-tags x86_64,aarch64 --wait 15m --dry-run",
)


async def create(
    run: Run,
    *,
    words: options.Words = None,
    tag: Tags = None,
    metadata: options.Metadata = None,
    bake_target: options.BakeTarget = None,
    digests: options.Digests = None,
    digests_in: options.DigestsIn = None,
    arch_tags: options.ArchTags = None,
    arch_tag_pattern: options.ArchTagPattern = DEFAULT_PATTERN,
    wait: options.Wait = None,
    append: options.Append = False,
    from_metadata_action: options.FromAction = False,
    platform: options.OnlyPlatform = None,
    attestations: options.Attest = Attestations.KEEP,
    list_type: options.Type = ListType.AUTO,
    convert: options.Convert = False,
    annotation: options.Annotate = None,
    keep_order: options.KeepOrder = False,
    expect: options.Expect = None,
    allow_shrink: options.AllowShrink = False,
    same_revision: options.SameRevision = False,
    allow_mixed_revisions: options.AllowMixed = False,
    if_digest: options.IfDigest = None,
    not_older: options.NotOlder = False,
    metadata_file: options.MetadataFile = None,
    dotenv: options.Dotenv = None,
    delete_sources: options.DeleteSources = False,
    pin: KeepOld = None,
    dry_run: DryRun = False,
) -> None:
    """Merge per-arch images into one multi-arch tag, directly in the registry.

    Flattens attested builds with their attestations, and publishes one list under every tag, or under none.
    Writes the list's name by digest to standard output.
    """
    named = _named(run, words or [], tag or [], from_metadata_action=from_metadata_action)
    targets = parse_targets(named.target, named.tags)
    inputs = SourceInputs(
        words=named.sources,
        metadata=tuple(metadata or ()),
        bake_targets=tuple(bake_target or ()),
        digests=tuple(digests or ()),
        arch_tags=arch_tags,
        arch_tag_pattern=arch_tag_pattern,
    )
    shape = Shape(
        type=list_type,
        convert=convert,
        annotations={**named.annotations, **annotations_of(annotation)},
        platforms=_platforms(platform or []),
        attestations=attestations,
        keep_order=keep_order,
    )
    guards = Guards(
        expect=_platforms(expect or []),
        allow_shrink=allow_shrink,
        same_revision=same_revision,
        allow_mixed_revisions=allow_mixed_revisions,
        if_digest=None if if_digest is None else Seen.parse(if_digest),
        not_older=not_older,
    )
    request = CreateRequest(
        targets,
        inputs.gather(targets[0].references[0], None if digests_in is None else place_of(digests_in)),
        shape,
        guards,
        append=append,
        wait=0.0 if wait is None else parse_duration(wait),
        delete_sources=delete_sources,
        keep_old=pin,
    )
    await _carry_out(run, request, Outputs(metadata_file, dotenv), dry_run=dry_run)


async def _carry_out(run: Run, request: CreateRequest, outputs: Outputs, *, dry_run: bool) -> None:
    outputs.require_writable()
    async with run.stores() as stores:
        if dry_run:
            creation = await plan_create(request, stores, run.listen)
            run.say(plan_text(creation))
        else:
            creation = await create_list(request, stores, run.listen, journal=run.journal())
            if creation.writes_nothing:
                run.say(f"nothing to do: {_tags(creation)} already at this digest")
            outputs.tell(creation, os.environ)
    run.result(str(creation.plan.result), lambda: creation_json(creation, dry_run=dry_run))


@dataclass(frozen=True, slots=True)
class _Named:
    """What the words on the command line, or docker/metadata-action, name."""

    target: str
    tags: tuple[str, ...]
    sources: tuple[str, ...]
    annotations: dict[str, str]


def _named(run: Run, words: list[str], tags: list[str], *, from_metadata_action: bool) -> _Named:
    """The first word is the target, unless docker/metadata-action names the targets: then every word is a source."""
    if from_metadata_action:
        said = ActionMetadata.of(os.environ, run.listen)
        return _Named(said.tags[0], (*said.tags[1:], *tags), tuple(words), dict(said.annotations))
    if not words:
        raise UsageError("create", "names no target", "name the tag to write, or use --from-metadata-action")
    return _Named(words[0], tuple(tags), tuple(words[1:]), {})


def _platforms(words: Iterable[str]) -> tuple[Platform, ...]:
    """Platforms, each option with one or several between commas."""
    return tuple(Platform.parse(text) for word in words for text in word.split(","))


def _tags(creation: Creation) -> str:
    if len(creation.plans) > 1:
        return ", ".join(map(str, creation.tags))
    return ", ".join(move.tag.name for move in creation.plan.tags)
