"""`regtool edit`."""

from typing import Annotated, Any

from regtool.cli.completion import platforms, references
from regtool.cli.options import DryRun, KeepOld, Yes
from regtool.cli.render.creation import changes_json, remarks_json
from regtool.cli.render.plan import plan_json, plan_text
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.operations.edit import Edition, EditRequest, plan_edit
from regtool.operations.keep_old import keep_old
from regtool.operations.publish import publish

EXAMPLES = (
    "regtool edit localhost:5000/app:1.0 --set linux/arm64=localhost:5000/app:1.0-aarch64 --yes",
    "regtool edit localhost:5000/app:1.0 --remove linux/amd64 -t 1.0-arm --dry-run",
)

# fmt: off
List = Annotated[str, Argument(metavar="REF", help="The list to edit: host/repository:tag.", complete=references)]
Set = Annotated[list[str] | None, Option("--set", metavar="OS/ARCH=SOURCE", help="Replace the image for a platform, with its attestations, or add it.")]
Append = Annotated[list[str] | None, Option("--append", metavar="SOURCE", help="Add the images of a source for platforms that are not there yet.")]
Remove = Annotated[list[str] | None, Option("--remove", metavar="OS/ARCH|DIGEST", help="Take an image out, with its attestations.", complete=platforms)]
PlatformOf = Annotated[list[str] | None, Option("--platform-of", metavar="DIGEST=OS/ARCH", help="Correct the platform of an entry.")]
OsVersion = Annotated[list[str] | None, Option("--os-version", metavar="OS/ARCH|DIGEST=VERSION", help="Set the OS version of an entry, as Windows images need it.")]
Annotation = Annotated[list[str] | None, Option("--annotation", metavar="KEY=VALUE", help="Annotate the list; [OS/ARCH]KEY=VALUE or [DIGEST]KEY=VALUE one entry.")]
RemoveAnnotation = Annotated[list[str] | None, Option("--remove-annotation", metavar="KEY", help="Remove an annotation; [OS/ARCH]KEY of one entry.")]
Elsewhere = Annotated[list[str] | None, Option("--tag", "-t", metavar="TAG", help="Write this tag, and leave REF as it is. May be repeated.")]
# fmt: on


async def edit(
    run: Run,
    *,
    ref: List,
    legs: Set = None,
    append: Append = None,
    remove: Remove = None,
    platform_of: PlatformOf = None,
    os_version: OsVersion = None,
    annotation: Annotation = None,
    remove_annotation: RemoveAnnotation = None,
    tag: Elsewhere = None,
    pin: KeepOld = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Change one thing in a list. What is not named stays as it is, unknown fields included.

    Several changes may be made at once: first what goes, then labels, what comes, and annotations.
    """
    words = {
        "--remove": remove or (),
        "--platform-of": platform_of or (),
        "--os-version": os_version or (),
        "--set": legs or (),
        "--append": append or (),
        "--annotation": annotation or (),
        "--remove-annotation": remove_annotation or (),
    }
    request = EditRequest.parse(ref, words, tags=tag or [])
    async with run.stores() as stores:
        edition = await plan_edit(request, stores, run.listen)
        plans = await keep_old([edition.plan], pin, stores)
        run.say(plan_text(plans, changes=edition.changes, remarks=edition.remarks))
        if edition.writes_nothing:
            run.say("nothing to do: the list is as wanted already")
        elif not dry_run:
            run.confirm("Write this?", yes=yes)
            await publish(plans, stores, run.listen, run.journal().moving)
    run.result(str(edition.plan.result), lambda: _json(edition, dry_run=dry_run))


def _json(edition: Edition, *, dry_run: bool) -> dict[str, Any]:
    return {
        "reference": str(edition.plan.result),
        "before": str(edition.before.digest),
        "changes": changes_json(edition.changes),
        "remarks": remarks_json(edition.remarks),
        **plan_json([edition.plan], dry_run=dry_run),
    }
