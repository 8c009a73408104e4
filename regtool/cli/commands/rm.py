"""`regtool rm`."""

from typing import Annotated, Any

from regtool.cli.completion import references
from regtool.cli.options import DryRun, Dummy, Yes
from regtool.cli.render.plan import plan_json, plan_text
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.operations.delete import delete
from regtool.operations.remove import RemoveRequest, Removing, plan_remove

EXAMPLES = (
    "regtool rm localhost:5000/app:1.0-x86_64 --dry-run",
    "regtool rm localhost:5000/app:1.0-x86_64 --dummy --yes",
)

Names = Annotated[
    list[str], Argument(metavar="REF...", help="A tag, or a manifest by its digest.", complete=references)
]
Force = Annotated[bool, Option("--force", help="Delete also what something still needs; says what breaks.")]


async def rm(
    run: Run, *, refs: Names, force: Force = False, dummy: Dummy = False, yes: Yes = False, dry_run: DryRun = False
) -> None:
    """Remove tags, never what they point at; or manifests by digest, unless something still needs them.

    A manifest is needed by its tags, by lists that name it, and by what refers to it: signatures, SBOMs.
    """
    request = RemoveRequest.parse(refs, force=force, dummy=dummy)
    async with run.stores() as stores:
        removing = await plan_remove(request, stores)
        run.say(plan_text(removals=removing.removals))
        for broken in removing.breaks:
            run.say(f"! {broken}, and will break")
        if not dry_run:
            run.confirm("Delete this?", yes=yes)
            for removal in removing.removals:
                await delete(removal, stores, run.listen, run.journal().removing)
    run.results([], lambda: _json(removing, dry_run=dry_run))


def _json(removing: Removing, *, dry_run: bool) -> dict[str, Any]:
    return {**plan_json((), removing.removals, dry_run=dry_run), "breaks": [str(broken) for broken in removing.breaks]}
