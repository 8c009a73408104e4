"""`regtool tag`."""

from typing import Annotated, Any

from regtool.cli.completion import references
from regtool.cli.create_options import GUARDS, AllowShrink, NotOlder
from regtool.cli.options import DryRun, KeepOld
from regtool.cli.render.plan import plan_json, plan_text
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.operations.keep_old import keep_old
from regtool.operations.publish import publish
from regtool.operations.tag import TagRequest, plan_tag
from regtool.planning.guards import Guards, Seen
from regtool.planning.plan import Plan

EXAMPLES = (
    "regtool tag localhost:5000/app:1.0.3 1.0 latest",
    "regtool tag localhost:5000/app:1.0.3 1.0 localhost:5000/mirror/app:1.0 --not-older --dry-run",
)

# fmt: off
Source = Annotated[str, Argument(metavar="SRC", help="What gets the new tags: a tag or a digest.", complete=references)]
NewTags = Annotated[list[str], Argument(metavar="NEWTAG...", help="The tags; in another repository by their full name.")]
IfDigest = Annotated[str | None, Option("--if-digest", metavar="DIGEST|absent", panel=GUARDS, help="Move only if the first NEWTAG still is this, or does not exist.")]
# fmt: on


async def tag(
    run: Run,
    *,
    source: Source,
    tags: NewTags,
    pin: KeepOld = None,
    if_digest: IfDigest = None,
    not_older: NotOlder = False,
    allow_shrink: AllowShrink = False,
    dry_run: DryRun = False,
) -> None:
    """Give a list or an image further tags, whole and byte for byte, without pulling it: all of them or none.

    What another repository lacks is mounted or copied there.
    """
    seen = None if if_digest is None else Seen.parse(if_digest)
    guards = Guards(allow_shrink=allow_shrink, if_digest=seen, not_older=not_older)
    request = TagRequest.parse(source, tags, guards=guards)
    async with run.stores() as stores:
        tagged = await plan_tag(request, stores)
        plans = await keep_old(tagged, pin, stores)
        run.say(plan_text(plans))
        if not dry_run:
            await publish(plans, stores, run.listen, run.journal().moving)
    run.result(str(tagged[0].result), lambda: _json(tagged, dry_run=dry_run))


def _json(plans: list[Plan], *, dry_run: bool) -> dict[str, Any]:
    first = plans[0]
    return {"reference": str(first.result), "digest": str(first.root.digest), **plan_json(plans, dry_run=dry_run)}
