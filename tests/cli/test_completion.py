"""Completion as bash asks for it, with the script that regtool prints."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import regtool
from tests.images import push_image
from tests.registries import ROOT, RunningRegistry

ASK = """
source <(regtool completion bash)
COMP_LINE=$1 COMP_POINT=${#1}
_regtool
printf '%s\\n' "${COMPREPLY[@]}"
"""


class Shell:
    """A bash that has loaded the script; nothing is remembered in it but what the test did."""

    def __init__(self, folder: Path) -> None:
        self.kept = {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
        program = folder / "regtool"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m regtool "$@"\n')
        program.chmod(0o755)
        self.environment = {
            **os.environ,
            **self.kept,
            "PYTHONPATH": str(ROOT),
            "PATH": f"{folder}:{os.environ['PATH']}",
        }

    def offers(self, line: str) -> list[str]:
        """What stands below a line when TAB is pressed at its end."""
        words = ["bash", "--norc", "-c", ASK, "bash", line]
        done = subprocess.run(words, capture_output=True, text=True, check=True, env=self.environment, timeout=60)
        return done.stdout.split()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_commands_options_and_platforms_are_offered(shell: Shell) -> None:
    assert shell.offers("regtool spl") == ["split"]
    assert shell.offers("regtool split localhost:5000/app:1 --spell") == ["--spelling"]
    assert shell.offers("regtool inspect localhost:5000/app:1 --platform linux/arm6") == ["linux/arm64"]


def test_tags_are_offered_once_they_were_listed(
    shell: Shell, embedded_registry: RunningRegistry, repository: str
) -> None:
    name = f"{embedded_registry.host}/{repository}"
    for tag in ("1.0", "1.1", "latest"):
        push_image(embedded_registry, repository, tag)
    assert shell.offers(f"regtool inspect {name}:1") == []
    assert regtool("ls", name, **shell.kept).code == 0

    assert shell.offers(f"regtool inspect {name}:1") == ["1.0", "1.1"]


def test_what_was_tagged_is_offered_and_before_the_colon_its_repository(
    shell: Shell, embedded_registry: RunningRegistry, repository: str
) -> None:
    name = f"{embedded_registry.host}/{repository}"
    push_image(embedded_registry, repository, "1.0")
    assert regtool("tag", f"{name}:1.0", "stable", **shell.kept).code == 0

    assert shell.offers(f"regtool undo {name}:st") == ["stable"]
    assert shell.offers(f"regtool undo {name[:-2]}") == [name.partition(":")[2]]


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_have_a_script_too(name: str) -> None:
    done = regtool("completion", name)

    assert done.code == 0
    assert f"_REGTOOL_COMPLETE=complete_{name}" in done.out
