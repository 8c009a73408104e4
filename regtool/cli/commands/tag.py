"""`regtool tag`."""

from typing import Annotated, Any

import typer

from regtool.cli.options import DryRun
from regtool.cli.render.creation import tags_json
from regtool.cli.run import Run
from regtool.operations.publish import publish
from regtool.operations.tag import TagRequest, plan_tag
from regtool.planning.plan import Plan

EXAMPLES = (
    "regtool tag localhost:5000/app:1.0.3 1.0 latest",
    "regtool tag localhost:5000/app:1.0.3 1.0 --dry-run",
)

Source = Annotated[str, typer.Argument(metavar="SRC", help="What gets the new tags: a tag or a digest.")]
NewTags = Annotated[list[str], typer.Argument(metavar="NEWTAG...", help="The tags, in the same repository.")]


async def tag(run: Run, *, source: Source, tags: NewTags, dry_run: DryRun = False) -> None:
    """Give a list or an image further tags, whole and byte for byte, without pulling it."""
    request = TagRequest.parse(source, tags)
    async with run.stores() as stores:
        plan = await plan_tag(request, stores)
        for move in plan.tags:
            if not move.changes:
                run.say(f"{move.tag} already at {move.to}")
            elif dry_run:
                run.say(f"would move {move.tag} from {move.was or 'nothing'} to {move.to}")
        if not dry_run:
            await publish(plan, stores, run.listen)
    run.result(str(plan.result), lambda: _json(plan, dry_run=dry_run))


def _json(plan: Plan, *, dry_run: bool) -> dict[str, Any]:
    return {
        "reference": str(plan.result),
        "digest": str(plan.root.digest),
        "dryRun": dry_run,
        "tags": tags_json(plan),
    }
