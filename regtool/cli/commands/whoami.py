"""`regtool whoami`."""

from typing import Annotated

from regtool.cli.run import Run
from regtool.cli.spelling import Argument
from regtool.operations.login import whoami as who_am_i
from regtool.transport.credential import Credential, IdentityToken, Password

EXAMPLES = (
    "regtool whoami registry.example.com",
    "regtool whoami ghcr.io --output json",
)


Registry = Annotated[
    str, Argument(metavar="REGISTRY[/REPOSITORY]", help="The registry: host or host:port; or a repository in it.")
]


async def whoami(run: Run, *, registry: Registry = "docker.io") -> None:
    """Show which credentials a command would use for a registry, and where they come from; never the secret."""
    found = await who_am_i(registry, run.settings(), run.hear)
    if found is None:
        run.result(f"anonymous: no credentials for {registry}", lambda: {"host": registry, "username": None})
        return
    kind, name = _kind(found.credential), found.credential.username
    run.result(
        f"{name or '(no name)'}, {kind}, from {found.source}",
        lambda: {"host": registry, "username": name, "kind": kind, "source": found.source},
    )


def _kind(credential: Credential) -> str:
    match credential:
        case Password():
            return "password"
        case IdentityToken():
            return "identity token"
        case _:
            return "registry token"
