"""`regtool undo`."""

from typing import Annotated, Any

from regtool.cli.completion import references
from regtool.cli.options import DryRun, Dummy, Yes
from regtool.cli.render.plan import plan_json, plan_text
from regtool.cli.run import Run
from regtool.cli.spelling import Argument
from regtool.model.reference import Reference
from regtool.operations.undo import Undoing, plan_undo, undo_all

EXAMPLES = (
    "regtool undo localhost:5000/app:1.0 --yes",
    "regtool undo --dry-run",
)

Which = Annotated[
    str | None,
    Argument(metavar="[REF]", help="The tag to take back; without one, all of the last command.", complete=references),
]


async def undo(run: Run, *, ref: Which = None, dummy: Dummy = False, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Take back the last move of a tag, or all that the last command moved.

    Only what regtool moved from this account is known. A tag that has moved since is left alone.
    """
    reference = None if ref is None else Reference.parse_exact(ref)
    async with run.stores() as stores:
        undoing = await plan_undo(run.journal().records(), reference, stores, dummy=dummy)
        record = undoing.records[0]
        run.say(f"takes back `{record.command}` of {record.at:%Y-%m-%d %H:%M:%S} UTC")
        run.say(plan_text(undoing.plans, undoing.removals))
        if not dry_run:
            run.confirm("Take this back?", yes=yes)
            await undo_all(undoing, stores, run.listen, run.journal(undoes=record.run))
    run.results([str(plan.result) for plan in undoing.plans], lambda: _json(undoing, dry_run=dry_run))


def _json(undoing: Undoing, *, dry_run: bool) -> dict[str, Any]:
    record = undoing.records[0]
    about = {"command": record.command, "at": record.at.isoformat(), "run": record.run}
    return {"undone": about, **plan_json(undoing.plans, undoing.removals, dry_run=dry_run)}
