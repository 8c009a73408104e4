"""`regtool ls`."""

from typing import Annotated, Any

from regtool.cli.completion import references, remember
from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.model.reference import place_of
from regtool.operations.listing import list_platforms, list_tags

EXAMPLES = (
    "regtool ls localhost:5000/app",
    "regtool ls localhost:5000/app --platforms",
)

Repo = Annotated[
    str,
    Argument(metavar="REPO", help="The repository: host/path; also oci:DIR, oci-archive:FILE.", complete=references),
]
Platforms = Annotated[bool, Option("--platforms", help="Add what each tag is for; reads every tag's manifest.")]


async def ls(run: Run, *, repo: Repo, platforms: Platforms = False) -> None:
    """List the tags of a place, one a line as they come in."""
    place = place_of(repo)
    found: list[dict[str, Any]] = []
    async with run.stores() as stores:
        if platforms:
            async for entry in list_platforms(place, stores):
                names = [str(platform) for platform in entry.platforms]
                found.append({"tag": entry.tag.name, "digest": str(entry.digest), "platforms": names})
                run.line(f"{entry.tag}  {', '.join(names) or '-'}")
        else:
            async for tag in list_tags(place, stores):
                found.append({"tag": tag.name})
                run.line(tag.name)
    remember(str(place), [row["tag"] for row in found])
    run.end_of_lines(lambda: {"repository": str(place), "tags": found})
