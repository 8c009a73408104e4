"""`regtool referrers`."""

from regtool.cli.options import Name
from regtool.cli.render.referrers import tree_json, tree_text
from regtool.cli.run import Run
from regtool.model.reference import Reference
from regtool.operations.referrers import read_referrers

EXAMPLES = (
    "regtool referrers localhost:5000/app:1.0",
    "regtool referrers localhost:5000/app:1.0 --output json",
)


async def referrers(run: Run, *, ref: Name) -> None:
    """Show what is about an image: signatures, SBOMs and attestations of the list and of each image in it.

    The registry's own list is asked for, where there is none the tags that stand in for it; cosign's older tags, too.
    """
    reference = Reference.parse(ref)
    async with run.stores() as stores:
        found = await read_referrers(reference, stores)
    run.result(tree_text(str(reference), found), lambda: tree_json(found))
