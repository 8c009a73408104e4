"""`regtool ls`."""

from typing import Annotated, Any

import typer

from regtool.cli.run import Run
from regtool.model.reference import Repository
from regtool.operations.listing import list_platforms, list_tags

EXAMPLES = (
    "regtool ls localhost:5000/app",
    "regtool ls localhost:5000/app --platforms",
)

Repo = Annotated[str, typer.Argument(metavar="REPO", help="The repository: host/path.")]
Platforms = Annotated[bool, typer.Option("--platforms", help="Add what each tag is for; reads every tag's manifest.")]


async def ls(run: Run, *, repo: Repo, platforms: Platforms = False) -> None:
    """List the tags of a repository, one a line as they come in."""
    repository = Repository.parse(repo)
    found: list[dict[str, Any]] = []
    async with run.stores() as stores:
        if platforms:
            async for entry in list_platforms(repository, stores):
                names = [str(platform) for platform in entry.platforms]
                found.append({"tag": entry.tag.name, "digest": str(entry.digest), "platforms": names})
                run.line(f"{entry.tag}  {', '.join(names)}")
        else:
            async for tag in list_tags(repository, stores):
                found.append({"tag": tag.name})
                run.line(tag.name)
    run.end_of_lines(lambda: {"repository": str(repository), "tags": found})
