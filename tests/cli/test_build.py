"""`regtool build` as a user runs it: with the real builder where there is one, and with its stand-in everywhere."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import regtool
from tests.registries import ROOT, RunningRegistry

DOCKERFILE = """\
FROM scratch
ARG TARGETARCH
COPY app-$TARGETARCH.txt /app.txt
CMD ["/app"]
"""
STAND_IN = {"PATH": f"{ROOT / 'tests' / 'programs' / 'builder'}:{os.environ['PATH']}"}

# A stand-in never replaces the real thing where that is installed: then both run.
BUILDERS = ["stand-in", *(["buildkitd"] if shutil.which("buildkitd") and shutil.which("buildx") else [])]


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for architecture in ("amd64", "arm64"):
        (tmp_path / f"Dockerfile_{architecture}").write_text(DOCKERFILE)
        (tmp_path / f"app-{architecture}.txt").write_text(architecture)
    return tmp_path


@pytest.fixture(params=BUILDERS)
def builder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, debian_registry: RunningRegistry
) -> Iterator[dict[str, str]]:
    """The environment in which `docker buildx` has a builder named `farm`."""
    folder = tmp_path_factory.mktemp("builder")
    if request.param == "stand-in":
        yield STAND_IN | {"CALLS": str(folder / "calls")}
        return
    plugins = folder / "docker" / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-buildx").symlink_to(str(shutil.which("buildx")))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    (folder / "buildkitd.toml").write_text(
        f'root = "{folder / "root"}"\n[worker.oci]\nenabled = true\nsnapshotter = "native"\n'
        f'binary = "{shutil.which("runc") or shutil.which("crun")}"\n[worker.containerd]\nenabled = false\n'
        f'[registry."{debian_registry.host}"]\nhttp = true\n'
    )
    environment = {"DOCKER_CONFIG": str(folder / "docker")}
    command = ["buildkitd", "--config", str(folder / "buildkitd.toml"), "--addr", address]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as daemon:
        try:
            words = ["docker", "buildx", "create", "--driver", "remote", "--name", "farm", address]
            subprocess.run(words, check=True, env=os.environ | environment, capture_output=True)
            _until_running(folder / "log")
            yield environment
        finally:
            daemon.kill()  # it would wait for its clients first


def _until_running(log: Path) -> None:
    deadline = time.monotonic() + 30
    while "running server on" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def test_two_platforms_become_one_tag(
    debian_registry: RunningRegistry, repository: str, context: Path, builder: dict[str, str]
) -> None:
    name = f"{debian_registry.host}/{repository}"
    words = ["--platform", "x86_64,aarch64", "--builder", "farm", "--file", f"{context}/Dockerfile_{{arch}}"]
    done = regtool("build", f"{name}:1.0", str(context), *words, "-t", "latest", **builder)

    assert done.code == 0, done.err
    assert done.out.startswith(f"{name}@sha256:")
    assert "[linux/amd64] #1 " in done.err
    listed = regtool("ls", name, "--platforms", "--output", "json").json["tags"]
    merged = {entry["tag"]: entry["platforms"] for entry in listed}
    assert merged["1.0"] == merged["latest"] == ["linux/amd64", "linux/arm64"]


@pytest.mark.parametrize(
    ("words", "insecure"),
    [
        ([], False),
        (["--insecure", "other.example.com"], False),
        (["--insecure", "HOST"], True),
        (["--plain-http"], True),
    ],
)
def test_only_the_targets_own_registry_is_pushed_to_insecurely(
    debian_registry: RunningRegistry, repository: str, tmp_path: Path, words: list[str], insecure: bool
) -> None:
    name, calls = f"{debian_registry.host}/{repository}", tmp_path / "calls"
    words = [word.replace("HOST", debian_registry.host) for word in words]
    regtool("build", f"{name}:1.0", "--platform", "linux/amd64", *words, **STAND_IN, CALLS=str(calls))

    output = next(line for line in calls.read_text().splitlines() if '"--output"' in line)
    assert ("registry.insecure=true" in output) == insecure


def test_a_build_that_fails_writes_no_tag(debian_registry: RunningRegistry, repository: str, tmp_path: Path) -> None:
    name = f"{debian_registry.host}/{repository}"
    environment = STAND_IN | {"CALLS": str(tmp_path / "calls")}
    words = ["--platform", "linux/amd64,linux/arm64", "--builder", "linux/arm64=broken"]
    done = regtool("build", f"{name}:1.0", *words, **environment)

    assert (done.code, done.out) == (15, "")
    assert "regtool: build for linux/arm64: docker buildx build ended with 1: failed to solve" in done.err
    assert regtool("resolve", f"{name}:1.0").code == 3
