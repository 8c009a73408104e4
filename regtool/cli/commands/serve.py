"""`regtool serve`."""

from pathlib import Path
from typing import Annotated

from regtool.cli.run import Run
from regtool.cli.spelling import Argument, Option
from regtool.server.repositories import is_layout, name_of
from regtool.server.run import serve as serve_registry

EXAMPLES = (
    "regtool serve",
    "regtool serve ./registry --port 5000",
)

Directory = Annotated[
    Path | None,
    Argument(
        metavar="DIR",
        help="Where the content lies, an OCI layout a repository, or one layout; else a temporary folder.",
    ),
]
Port = Annotated[int, Option("--port", help="Port to listen on; 0 takes a free one.")]
Host = Annotated[str, Option("--host", help="Address to listen on.")]
Anywhere = Annotated[bool, Option("--anywhere", help="Allow an address that others reach; there is no password.")]


async def serve(
    run: Run,
    *,
    directory: Directory = None,
    port: Port = 5000,
    host: Host = "127.0.0.1",
    anywhere: Anywhere = False,
) -> None:
    """Run a registry of your own, for demos, tests and hand-overs without a network.

    Prints its address once it answers, and each request on standard error. A DIR that is itself a layout, as buildx
    and skopeo write it, is served read-only as it lies.
    """
    if directory and is_layout(directory):
        run.say(f"{directory} is one layout: read-only, as the repository {name_of(directory)}")
    await serve_registry(
        directory,
        host=host,
        port=port,
        anywhere=anywhere,
        announce=run.line,
        listen=lambda answered: run.say(str(answered)),
    )
