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
    done = await log_out(registry, run.settings())
    if done.left:
        run.say(f"note: {done.left} still has credentials for {done.host}, and commands will use those")
    words = f"logged out of {done.host}" if done.removed else f"there were no credentials for {done.host} to forget"
    run.result(words, lambda: {"host": done.host, "removed": done.removed, "left": done.left})
