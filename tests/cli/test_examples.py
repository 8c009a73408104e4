"""The examples at the end of every command's help do what they say, typed into a shell as they stand there.

Only names change: `localhost:5000` is the registry of the test, with a folder of its own in it, and so are registries
to log in to. A new command is covered as soon as it is in the table of commands.
"""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from regtool.cli.commands import COMMANDS
from tests.cli.program import on_terminal, regtool
from tests.images import push_image
from tests.registries import ROOT, RunningRegistry, wait_for

EXAMPLES = [(name, example) for name in COMMANDS for example in import_module(f"regtool.cli.commands.{name}").EXAMPLES]
LOGGED_IN = ("login", "logout", "whoami")  # these need a registry with a password
FOUND = {"--exit-code": 9}  # what is in the example -> the code that it leaves with; else 0

APPLY = """\
images:
  - name: java-demo
    target: localhost:5000/app:2.0
    sources: [localhost:5000/app:1.0-x86_64, localhost:5000/app:1.0-aarch64]
"""
DOCKERFILE = "FROM scratch\nARG TARGETARCH\nCOPY app.txt /app.txt\n"


class Desk:
    """A folder with what the examples find there, and a shell in it that knows `regtool`."""

    def __init__(self, folder: Path, names: dict[str, str]) -> None:
        self.folder = folder
        self.names = names
        self.environment = {
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "DOCKER_CONFIG": str(folder / "docker"),
            "CALLS": str(folder / "calls"),
            "PYTHONPATH": str(ROOT),
            "PATH": f"{folder / 'bin'}:{ROOT / 'tests' / 'programs' / 'builder'}:{os.environ['PATH']}",
        }
        (folder / "bin").mkdir()
        program = folder / "bin" / "regtool"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m regtool "$@"\n')
        program.chmod(0o755)
        (folder / "regtool.yaml").write_text(self.here(APPLY))
        files = {"token.txt": "demo-password\n", "app.txt": "app\n", "sbom.json": "{}", "report.txt": "fine\n"}
        for name, content in files.items():
            (folder / name).write_text(content)
        for name in ("Dockerfile", "Dockerfile_amd64", "Dockerfile_arm64"):
            (folder / name).write_text(DOCKERFILE)

    def here(self, text: str) -> str:
        """The text with the names of this test."""
        for name, mine in self.names.items():
            text = text.replace(name, mine)
        return text

    def run(self, *words: str) -> str:
        """Runs `regtool`, which must work, and returns its output."""
        done = regtool(*map(self.here, words), **self.environment)
        assert done.code == 0, done.err
        return done.out

    def type(self, example: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-c", self.here(example)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
            cwd=self.folder, env={**os.environ, **self.environment},
        )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, embedded_registry: RunningRegistry, repository: str) -> Desk:
    """The repository app with two builds, what was merged from them, and a tag that has moved."""
    for architecture, name in (("amd64", "1.0-x86_64"), ("arm64", "1.0-aarch64")):
        embedded_registry.push(f"{architecture}.attested.oci.tar", f"{repository}/app", name)
    push_image(embedded_registry, f"{repository}/app", "pr-1", config={"created": "2020-01-01T00:00:00Z"})
    embedded_registry.push("multi.attested.oci.tar", f"{repository}/app", "1.1")
    desk = Desk(tmp_path, {"localhost:5000/": f"{embedded_registry.host}/{repository}/"})
    app = "localhost:5000/app"
    desk.run("create", f"{app}:1.0.3", f"{app}:1.0-x86_64", f"{app}:1.0-aarch64")
    desk.run("tag", f"{app}:1.0-x86_64", "1.0")
    desk.run("tag", f"{app}:1.0.3", "1.0", f"{app}-builds:1.0")
    (tmp_path / "list.json").write_text(desk.run("cat", f"{app}:1.0"))
    return desk


@pytest.mark.parametrize(
    ("name", "example"), [one for one in EXAMPLES if one[0] not in (*LOGGED_IN, "serve")], ids=lambda text: text
)
def test_the_example_runs(name: str, example: str, desk: Desk) -> None:
    done = desk.type(example)

    assert example.startswith(f"regtool {name} ") or example == f"regtool {name}"
    assert done.returncode == next((code for words, code in FOUND.items() if words in example), 0), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("example", [example for name, example in EXAMPLES if name in LOGGED_IN])
def test_the_example_runs_where_a_password_is_wanted(
    example: str, htpasswd_registry: RunningRegistry, tmp_path: Path
) -> None:
    hosts = ("registry.example.com", "localhost:5000")
    desk = Desk(tmp_path, {**dict.fromkeys(hosts, htpasswd_registry.host), "--username ci": "--username demo"})
    login = ("login", htpasswd_registry.host, "-u", "demo", "--password-stdin")
    assert regtool(*login, stdin="demo-password\n", **desk.environment).code == 0
    if "login" in example and "--password-stdin" not in example:
        words = ["bash", "-c", desk.here(example)]
        done = on_terminal(words, "Password", "demo-password", hidden=True, environment=desk.environment)
        assert done.code == 0, done.out
    else:
        assert desk.type(example).returncode == 0


@pytest.mark.parametrize("example", [example for name, example in EXAMPLES if name == "serve"])
def test_the_example_serves_until_it_is_stopped(example: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"--port 5000": ""})
    log = tmp_path / "log"
    words = ["bash", "-c", f"exec {desk.here(example)} --port 0"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            words, stdout=output, stderr=output, cwd=tmp_path, env={**os.environ, **desk.environment}
        ) as program,
    ):
        wait_for(log, re.compile(r"http://127\.0\.0\.1:\d+"))
        program.terminate()

    assert program.returncode in (0, 143, -15)


def test_every_command_has_two_examples() -> None:
    counted = {name: len([one for one in EXAMPLES if one[0] == name]) for name in COMMANDS}

    assert counted == dict.fromkeys(COMMANDS, 2)
