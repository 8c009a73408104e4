"""`regtool attach`."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from regtool.cli.annotations import annotations_of
from regtool.cli.options import DryRun, Name, OnePlatform
from regtool.cli.render.plan import plan_json, plan_text
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.operations.attach import AttachRequest, plan_attach
from regtool.operations.publish import publish

EXAMPLES = (
    "regtool attach localhost:5000/app:1.0 sbom.json --artifact-type application/vnd.cyclonedx+json",
    "regtool attach localhost:5000/app:1.0 report.txt:text/plain --artifact-type application/vnd.example.report",
)

Files = Annotated[
    list[str],
    Argument(metavar="FILE[:TYPE]...", help="What to attach; :TYPE is its media type, else the artifact's."),
]
ArtifactType = Annotated[
    str, Option("--artifact-type", metavar="TYPE", help="What it is, such as application/vnd.cyclonedx+json.")
]
Annotate = Annotated[
    list[str] | None, Option("--annotation", metavar="KEY=VALUE", help="Annotate the artifact. May be repeated.")
]


async def attach(
    run: Run,
    *,
    ref: Name,
    files: Files,
    artifact_type: ArtifactType,
    platform: OnePlatform = None,
    annotation: Annotate = None,
    dry_run: DryRun = False,
) -> None:
    """Attach files to an image, such as an SBOM or a report, by its digest. No tag is touched.

    `regtool referrers` shows them, `regtool copy --referrers` takes them along. Writes the artifact's name by digest.
    """
    request = AttachRequest.parse(ref, files, artifact_type, platform=platform, annotations=annotations_of(annotation))
    with TemporaryDirectory() as scratch:
        async with run.stores() as stores:
            plan = await plan_attach(request, stores, Path(scratch))
            if dry_run:
                run.say(plan_text([plan]))
            else:
                await publish(plan, stores, run.listen)
    run.result(str(plan.result), lambda: {"reference": str(plan.result), **plan_json([plan], dry_run=dry_run)})
