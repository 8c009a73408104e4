"""`regtool repair`."""

from typing import Annotated

from regtool.cli.options import DryRun, KeepOld, Name, Yes
from regtool.cli.render.repair import repair_json, repair_text
from regtool.cli.run import Run
from regtool.cli.spelling import Option
from regtool.errors import FindingsError
from regtool.operations.keep_old import keep_old
from regtool.operations.publish import publish
from regtool.operations.repair import RepairRequest, plan_repair
from regtool.stores.cache import ContentCache, cache_folder

EXAMPLES = (
    "regtool repair localhost:5000/app:1.0 --dry-run",
    "regtool repair localhost:5000/app:1.0 --from localhost:5000/app-builds --only RT201,RT205 --yes",
)

NewTags = Annotated[
    list[str] | None, Option("--tag", "-t", metavar="TAG", help="Write this tag instead. May be repeated.")
]
From = Annotated[str | None, Option("--from", metavar="REPO", help="A repository that may have what is missing here.")]
Only = Annotated[list[str] | None, Option("--only", metavar="CODES", help="Repair only these findings: RT2,RT302.")]
Deep = Annotated[bool, Option("--deep", help="Also look for layers that are missing.")]
Split = Annotated[
    bool, Option("--split", help="Give Docker's images a list of their own, at the tag with -docker behind it.")
]


async def repair(
    run: Run,
    *,
    ref: Name,
    tag: NewTags = None,
    origin: From = None,
    only: Only = None,
    deep: Deep = False,
    split: Split = False,
    pin: KeepOld = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Mend what `regtool audit` finds in a list, as far as it can be mended without guessing.

    Writes the list's name by digest to standard output. Leaves with 9 if findings stay that people must decide.
    """
    request = RepairRequest.parse(ref, tags=tag or [], origin=origin, only=only or [], deep=deep, split=split)
    async with run.stores() as stores:
        with ContentCache(cache_folder()) as cache:
            found = await plan_repair(request, stores, cache)
        plans = await keep_old(found.plans, pin, stores)
        run.say(repair_text(found))
        if plans and not dry_run:
            run.confirm("Write this?", yes=yes)
            await publish(plans, stores, run.listen, run.journal().moving)
    run.result("\n".join(map(str, found.results)), lambda: repair_json(found, dry_run=dry_run))
    if found.left:
        codes = ", ".join(dict.fromkeys(finding.code for finding in found.left))
        run.verdict(FindingsError(ref, f"{codes} stays: people must decide", "docs/rules.md says what to look at"))
