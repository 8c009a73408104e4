"""`regtool completion`."""

from enum import StrEnum
from typing import Annotated

from regtool.cli.completion import SCRIPTS
from regtool.cli.run import Run
from regtool.cli.spelling import Argument

EXAMPLES = (
    "regtool completion bash > regtool.bash",
    "regtool completion zsh > _regtool",
)


class Shell(StrEnum):
    """The shells that regtool can complete in."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


Which = Annotated[Shell, Argument(help="The shell.")]


async def completion(run: Run, *, shell: Which) -> None:
    """Print what makes a shell complete commands, options, platforms, and tags that were seen before.

    For bash: `source <(regtool completion bash)`, in ~/.bashrc say.
    """
    run.result_bytes(SCRIPTS[shell].encode())
