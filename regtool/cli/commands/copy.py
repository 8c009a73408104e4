"""`regtool copy`."""

from typing import Annotated, Any

from regtool.cli.create_options import Convert, Type
from regtool.cli.options import DryRun
from regtool.cli.render.plan import plan_json, plan_text
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.operations.copy import CopyAllRequest, Copying, CopyOptions, CopyRequest, plan_all, plan_copy
from regtool.operations.publish import publish
from regtool.planning.shape import ListType

EXAMPLES = (
    "regtool copy localhost:5000/app:1.0 localhost:5000/mirror/app:1.0",
    "regtool copy localhost:5000/app:1.0 oci-archive:app.tar --platform linux/arm64",
)

Source = Annotated[
    str,
    Argument(
        metavar="SRC", help="The image: host/repository:tag, oci:DIR:tag, oci-archive:FILE or docker-archive:FILE."
    ),
]
Target = Annotated[
    str, Argument(metavar="DST", help="Where it goes: host/repository:tag, oci:DIR or oci-archive:FILE.")
]
OnlyPlatform = Annotated[
    list[str] | None,
    Option("--platform", metavar="OS/ARCH", help="A smaller list with only this platform. May be repeated."),
]
MoreTags = Annotated[
    list[str] | None, Option("--tag", "-t", metavar="TAG", help="This tag of DST, too. May be repeated.")
]
Unwrap = Annotated[bool, Option("--unwrap", help="The one image itself, without the list around it.")]
AllTags = Annotated[bool, Option("--all-tags", "-a", help="Every tag; SRC and DST then name no tag.")]
Include = Annotated[
    list[str] | None,
    Option("--include", metavar="PATTERN", help="With --all-tags: only tags like '1.*'. May be repeated."),
]
Exclude = Annotated[
    list[str] | None,
    Option("--exclude", metavar="PATTERN", help="With --all-tags: no tags like '*-rc*'. May be repeated."),
]
Referrers = Annotated[
    bool, Option("--referrers", help="Also signatures, SBOMs and attestations of it, wherever they are listed.")
]


async def copy(
    run: Run,
    *,
    source: Source,
    target: Target,
    tag: MoreTags = None,
    platform: OnlyPlatform = None,
    unwrap: Unwrap = False,
    all_tags: AllTags = False,
    include: Include = None,
    exclude: Exclude = None,
    referrers: Referrers = False,
    list_type: Type = ListType.AUTO,
    convert: Convert = False,
    dry_run: DryRun = False,
) -> None:
    """Copy an image between registries, layouts and archives, whole and byte for byte.

    What is at the target already is not moved again, so a copy that was cut off goes on where it was.
    """
    options = CopyOptions(
        platforms=tuple(Platform.parse(text) for text in platform or []),
        unwrap=unwrap,
        referrers=referrers,
        convert=_family(list_type, convert=convert),
    )
    if not all_tags:
        if include or exclude:
            raise UsageError("--include and --exclude", "choose tags of --all-tags", "add --all-tags")
        return await _copy_one(run, CopyRequest.parse(source, target, tags=tag or [], options=options), dry_run=dry_run)
    if tag:
        raise UsageError("--tag", "names one tag, --all-tags keeps all", "leave one of them out")
    request = CopyAllRequest.parse(source, target, include=include or [], exclude=exclude or [], options=options)
    return await _copy_all(run, request, dry_run=dry_run)


def _family(list_type: ListType, *, convert: bool) -> ListType:
    if convert == (list_type is ListType.AUTO):
        raise UsageError("--type and --convert", "belong together in a copy", "add --type oci --convert, say")
    return list_type


async def _copy_one(run: Run, request: CopyRequest, *, dry_run: bool) -> None:
    async with run.stores() as stores:
        copying = await plan_copy(request, stores, run.listen)
        if dry_run or copying.plan.writes_nothing:
            run.say(plan_text(copying.plans))
        if not dry_run:
            await publish(copying.plans, stores, run.listen, run.journal().moving)
    run.result(str(copying.plan.result), lambda: _json([copying], dry_run=dry_run))


async def _copy_all(run: Run, request: CopyAllRequest, *, dry_run: bool) -> None:
    done: list[Copying] = []
    async with run.stores() as stores:
        async for window in plan_all(request, stores, run.listen):
            plans = [plan for copying in window for plan in copying.plans]
            if dry_run:
                run.say(plan_text(plans))
            else:
                await publish(plans, stores, run.listen, run.journal().moving)
            done += window
            for copying in window:
                run.line_meanwhile(f"{copying.plan.target.at(copying.plan.tags[0].tag)}@{copying.plan.root.digest}")
    if not done:
        raise UsageError(str(request.source), "has no tag that is wanted", "`regtool ls` lists what it has")
    run.end_of_lines(lambda: _json(done, dry_run=dry_run))


def _json(done: list[Copying], *, dry_run: bool) -> dict[str, Any]:
    return {
        "copies": [
            {
                "source": str(copying.source),
                "reference": str(copying.plan.result),
                "digest": str(copying.plan.root.digest),
                "referrers": [str(plan.root.digest) for plan in copying.along],
            }
            for copying in done
        ]
    } | plan_json([plan for copying in done for plan in copying.plans], dry_run=dry_run)
