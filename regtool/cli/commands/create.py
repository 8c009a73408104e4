"""`regtool create`."""

from typing import Annotated

import typer

from regtool.cli.options import DryRun, Tags
from regtool.cli.render.creation import creation_json, members_text, plan_text
from regtool.cli.run import Run
from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.operations.create import CreateRequest, Creation, plan_create
from regtool.operations.publish import publish
from regtool.planning.shape import Attestations, ListType, Shape

EXAMPLES = (
    "regtool create localhost:5000/app:1.0 localhost:5000/app:1.0-x86_64 localhost:5000/app:1.0-aarch64",
    "regtool create localhost:5000/app:1.0 -t latest localhost:5000/app:1.0-x86_64 --dry-run",
)

Target = Annotated[str, typer.Argument(metavar="TARGET", help="The tag to write: host/repository:tag.")]
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE[=OS/ARCH]...",
        help="The images to merge: a tag, a digest, or a bare sha256:… in the target's repository. "
        "=OS/ARCH says for which platform an image is.",
    ),
]
OnlyPlatform = Annotated[
    list[str] | None, typer.Option("--platform", metavar="OS/ARCH", help="Keep only this platform. May be repeated.")
]
Attest = Annotated[Attestations, typer.Option("--attestations", help="Keep or drop provenance and SBOMs of builds.")]
Type = Annotated[ListType, typer.Option("--type", help="The kind of list; auto: Docker's if every image is Docker's.")]
Annotate = Annotated[
    list[str] | None, typer.Option("--annotation", metavar="KEY=VALUE", help="Annotate the index. May be repeated.")
]
KeepOrder = Annotated[bool, typer.Option("--keep-order", help="List the images in the order given.")]


async def create(
    run: Run,
    *,
    target: Target,
    sources: Sources,
    tag: Tags = None,
    platform: OnlyPlatform = None,
    attestations: Attest = Attestations.KEEP,
    list_type: Type = ListType.AUTO,
    annotation: Annotate = None,
    keep_order: KeepOrder = False,
    dry_run: DryRun = False,
) -> None:
    """Merge per-arch images into one multi-arch tag, directly in the registry.

    Reads every source, flattens attested builds with their attestations, and publishes one list. Writes the list's
    name by digest to standard output.
    """
    shape = Shape(
        type=list_type,
        annotations=dict(_annotation(text) for text in annotation or []),
        platforms=tuple(Platform.parse(text) for text in platform or []),
        attestations=attestations,
        keep_order=keep_order,
    )
    request = CreateRequest.parse(target, sources, tags=tag or [], shape=shape)
    async with run.stores() as stores:
        creation = await plan_create(request, stores, run.listen)
        _tell(run, request, creation, dry_run=dry_run)
        if not dry_run:
            await publish(creation.plan, stores, run.listen)
    run.result(str(creation.plan.result), lambda: creation_json(creation, dry_run=dry_run))


def _tell(run: Run, request: CreateRequest, creation: Creation, *, dry_run: bool) -> None:
    run.say(f"{request.target}:{request.tags[0]}")
    run.say(members_text(creation))
    if dry_run:
        run.say(plan_text(creation))
    elif creation.plan.writes_nothing:
        run.say(f"nothing to do: {', '.join(tag.name for tag in request.tags)} already at this digest")


def _annotation(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise UsageError(f"--annotation {text}", "names no value", "write it as KEY=VALUE")
    return key, value
