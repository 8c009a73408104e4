"""`regtool logout`."""

from regtool.cli.options import HubOr
from regtool.cli.run import Run
from regtool.operations.login import logout as log_out

EXAMPLES = (
    "regtool logout registry.example.com",
    "regtool logout",
)


async def logout(run: Run, *, registry: HubOr = "docker.io") -> None:
    """Forget the credentials of a registry, wherever `login` put them."""
    found = await log_out(registry, run.settings())
    words = f"logged out of {registry}" if found else f"there were no credentials for {registry}"
    run.result(words, lambda: {"host": registry, "removed": found})
