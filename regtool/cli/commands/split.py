"""`regtool split`."""

from typing import Annotated

from regtool.cli.completion import references
from regtool.cli.options import DryRun, KeepOld
from regtool.cli.render.plan import plan_json, plan_text
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.operations.keep_old import keep_old
from regtool.operations.publish import publish
from regtool.operations.split import SplitRequest, plan_split
from regtool.planning.shape import Attestations
from regtool.planning.tag_names import DEFAULT_PATTERN, Spelling

EXAMPLES = (
    "regtool split localhost:5000/app:1.0",
    "regtool split localhost:5000/app:1.0 --spelling docker --arch-tag-pattern '{arch}-{tag}' --dry-run",
)

# fmt: off
List = Annotated[str, Argument(metavar="REF", help="The list to split: host/repository:tag.", complete=references)]
Pattern = Annotated[str, Option("--arch-tag-pattern", metavar="PATTERN", help="The new tags, with {tag}, {arch}, {os}, {os_version}.")]
Spelled = Annotated[Spelling, Option("--spelling", help="{arch} as uname says it (x86_64, aarch64), or docker (amd64, arm64).")]
Attest = Annotated[Attestations, Option("--attestations", help="Keep the attestations of an image with it, or tag it alone.")]
# fmt: on


async def split(
    run: Run,
    *,
    ref: List,
    arch_tag_pattern: Pattern = DEFAULT_PATTERN,
    spelling: Spelled = Spelling.UNAME,
    attestations: Attest = Attestations.KEEP,
    pin: KeepOld = None,
    dry_run: DryRun = False,
) -> None:
    """Give every image of a list a tag of its own: the way back from 1.0 to 1.0-x86_64 and 1.0-aarch64.

    An image with attestations gets a list of itself and these, as `docker buildx build --push` writes it; any other
    is tagged byte for byte.
    """
    request = SplitRequest.parse(ref, pattern=arch_tag_pattern, spelling=spelling, attestations=attestations)
    async with run.stores() as stores:
        split_up = await plan_split(request, stores, run.listen)
        plans = await keep_old(split_up, pin, stores)
        run.say(plan_text(plans))
        if not dry_run:
            await publish(plans, stores, run.listen, run.journal().moving)
    names = [str(plan.target.at(move.tag)) for plan in split_up for move in plan.tags]
    run.results(names, lambda: plan_json(split_up, dry_run=dry_run))
