"""`regtool diff`."""

from typing import Annotated

from regtool.cli.render.comparison import comparison_json, comparison_text
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.errors import FindingsError
from regtool.model.reference import Reference
from regtool.operations.diff import diff as compare

EXAMPLES = (
    "regtool diff localhost:5000/app:1.0 localhost:5000/app:1.1",
    "regtool diff localhost:5000/app:1.0 localhost:5000/app:1.1 --exit-code --output json",
)

Before = Annotated[str, Argument(metavar="A", help="The one image or list.")]
After = Annotated[str, Argument(metavar="B", help="The other one.")]
ExitCode = Annotated[bool, Option("--exit-code", help="Leave with 9 if the two differ.")]


async def diff(run: Run, *, before: Before, after: After, exit_code: ExitCode = False) -> None:
    """Compare two tags platform by platform: same, changed, added, removed, with sizes, layers and labels.

    Annotations and attestations that differ are shown, too; they do not count for --exit-code.
    """
    first, second = Reference.parse(before), Reference.parse(after)
    async with run.stores() as stores:
        found = await compare(first, second, stores)
    run.result(comparison_text(found), lambda: comparison_json(found))
    if exit_code and not found.same:
        run.verdict(FindingsError(f"{first} and {second}", "differ"))
