"""`regtool apply`."""

from typing import Annotated

from regtool.cli.options import DryRun
from regtool.cli.render.creation import creation_json, plan_text
from regtool.cli.run import Run
from regtool.cli.spelling import Option
from regtool.operations.inputs.files import read_input

EXAMPLES = (
    "regtool apply -f regtool.yaml --dry-run",
    "regtool apply -f regtool.yaml --only 'java-*'",
)

File = Annotated[str, Option("--file", "-f", metavar="FILE", help="The file; - for standard input.")]
Only = Annotated[
    list[str] | None, Option("--only", metavar="NAME", help="Only this image, or a pattern. May be repeated.")
]


async def apply(run: Run, *, file: File = "regtool.yaml", only: Only = None, dry_run: DryRun = False) -> None:
    """Publish all the lists that a file describes, or none of them.

    Reads manifest-tool's YAML as well. docs/apply.md explains the form, docs/regtool.schema.json is its JSON schema.
    """
    # YAML and pydantic are loaded to read a file, and not for `regtool --help`.
    from regtool.operations.apply.apply import apply as apply_all
    from regtool.operations.apply.apply import plan_apply
    from regtool.operations.apply.file import read_apply_file

    wanted = read_apply_file(read_input(file, "--file"), file)
    async with run.stores() as stores:
        applications = await plan_apply(wanted, stores, only or [], run.listen)
        for one in applications:
            if dry_run:
                run.say(f"{one.image.title}\n{plan_text(one.creation)}")
            elif one.creation.writes_nothing:
                run.say(f"{one.image.title}: nothing to do")
        if not dry_run:
            await apply_all(applications, stores, run.listen, run.journal().moving)
    run.result(
        "\n".join(str(one.creation.plan.result) for one in applications),
        lambda: {
            "images": [
                {"name": one.image.title, **creation_json(one.creation, dry_run=dry_run)} for one in applications
            ]
        },
    )
