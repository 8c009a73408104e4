"""`docker regtool …`: what the docker client makes of the plugin."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from regtool import __version__

PROGRAM = f"""\
#!{sys.executable}
from regtool.cli.plugin import main
main()
"""


@pytest.fixture
def docker(tmp_path: Path) -> dict[str, str]:
    """The environment of a docker client that has the plugin."""
    plugin = tmp_path / "cli-plugins" / "docker-regtool"
    plugin.parent.mkdir()
    plugin.write_text(PROGRAM)
    plugin.chmod(0o755)
    return {**os.environ, "DOCKER_CONFIG": str(tmp_path)}


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], env=environment, capture_output=True, text=True, check=False)


def test_docker_lists_the_plugin_in_its_help(docker: dict[str, str]) -> None:
    assert "regtool*" in run(docker, "--help").stdout


def test_docker_hands_the_words_and_the_exit_code_through(docker: dict[str, str]) -> None:
    done = run(docker, "regtool", "resolve", "localhost:1/app:1.0")

    assert done.returncode == 6
    assert done.stderr.startswith("regtool: localhost:1/app:1.0: cannot connect")


def test_the_metadata_are_what_docker_wants(docker: dict[str, str]) -> None:
    plugin = Path(docker["DOCKER_CONFIG"]) / "cli-plugins" / "docker-regtool"
    done = subprocess.run([plugin, "docker-cli-plugin-metadata"], capture_output=True, check=True)

    assert json.loads(done.stdout)["SchemaVersion"] == "0.1.0"
    assert json.loads(done.stdout)["Version"] == __version__
