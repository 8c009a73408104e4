"""Programs of a pipeline as processes of their own, started quickly: a fork server has imported everything before."""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

from regtool.cli.app import main
from tests.registries import push_fixture

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__, "regtool.cli.commands.create", "regtool.cli.render.members"])


def start(function: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Starts a process that calls `function`."""
    process = _CONTEXT.Process(target=function, args=arguments, daemon=True)
    process.start()
    return process


def merge_step(words: list[str]) -> None:
    """`regtool` with these words; the exit code is the program's. What it says goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.exit(main(words))


def push_later(seconds: float, url: str, repository: str, tag: str, tar_name: str) -> None:
    """A runner that builds for so long and then pushes."""
    time.sleep(seconds)
    push_fixture(url, repository, tag, tar_name)
