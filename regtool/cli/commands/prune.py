"""`regtool prune`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from regtool.cli.completion import references
from regtool.cli.options import DryRun, Dummy, Yes
from regtool.cli.render.plan import plan_json, plan_text
from regtool.cli.render.table import count
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.model.duration import parse_duration
from regtool.model.reference import place_of
from regtool.operations.delete import delete
from regtool.operations.prune import PruneRequest, Pruning, plan_prune
from regtool.planning.retention import Retention

EXAMPLES = (
    "regtool prune localhost:5000/app --untagged --dry-run",
    "regtool prune localhost:5000/app --keep 10 --older 90d --tags 'pr-*' --yes",
)

# fmt: off
Repo = Annotated[str, Argument(metavar="REPO", help="The repository: host/path.", complete=references)]
Untagged = Annotated[bool, Option("--untagged", help="Delete manifests that no tag leads to, as far as the registry tells which there are.")]
Keep = Annotated[int | None, Option("--keep", metavar="N", help="Delete tags, but for the N whose images are newest.")]
Older = Annotated[str | None, Option("--older", metavar="AGE", help="Delete tags whose images are older: 90d, 12h, 6w. With --keep both must hold.")]
Tags = Annotated[list[str] | None, Option("--tags", metavar="PATTERN", help="Look only at tags like this: 'pr-*'. May be repeated.")]
Forget = Annotated[bool, Option("--forget", help="Delete also what `regtool undo` could bring back.")]
# fmt: on


async def prune(
    run: Run,
    *,
    repo: Repo,
    untagged: Untagged = False,
    keep: Keep = None,
    older: Older = None,
    tags: Tags = None,
    forget: Forget = False,
    dummy: Dummy = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Delete old tags and what nothing needs any more, and show it first.

    Everything that a tag which stays leads to is kept: the images of lists, lists within lists, attestations, and what
    refers to any of it, such as signatures.
    """
    age = None if older is None else timedelta(seconds=parse_duration(older))
    rule = Retention(keep=keep, older=age, tags=tuple(tags or ()))
    request = PruneRequest(place=place_of(repo), rule=rule, untagged=untagged, forget=forget, dummy=dummy)
    async with run.stores() as stores:
        pruning = await plan_prune(request, stores, run.journal().records(), datetime.now(UTC))
        _tell(run, pruning)
        if not (dry_run or pruning.removal.is_empty):
            run.confirm("Delete this?", yes=yes)
            await delete(pruning.removal, stores, run.listen, run.journal().removing)
    run.results([], lambda: plan_json((), [pruning.removal], dry_run=dry_run))


def _tell(run: Run, pruning: Pruning) -> None:
    for tag in pruning.undated:
        run.say(f"note: {tag} stays, as its image does not say when it was made")
    if pruning.removal.is_empty:
        run.say("nothing to delete")
    else:
        run.say(plan_text(removals=[pruning.removal]))
        gone = f"{count(len(pruning.removal.drops), 'tag')} and {count(len(pruning.removal.manifests), 'manifest')}"
        run.say(f"{gone} to delete, {count(pruning.kept, 'tag')} to keep")
