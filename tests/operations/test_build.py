"""`build`: what `docker buildx` is told, and what becomes of what it pushes."""

import json
import os
import shlex
from pathlib import Path

import pytest

from regtool import Digest, Platform, ProgramError, Repository, UsageError
from regtool.operations.build import Choice, Recipe, build_all, last_for
from regtool.operations.events import Event, Note
from tests.registries import ROOT, RunningRegistry

AMD64, ARM64 = Platform.parse("amd64"), Platform.parse("arm64")


class Calls:
    """How the program that stands in for docker was called."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def builds(self) -> dict[str, list[str]]:
        """The words of each build, by platform."""
        calls = [json.loads(line) for line in self._file.read_text().splitlines()]
        return {call[call.index("--platform") + 1]: call for call in calls if call[1] == "build"}


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    monkeypatch.setenv("PATH", f"{ROOT / 'tests' / 'programs' / 'builder'}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    return Calls(tmp_path / "calls")


def recipe(**choices: list[str]) -> Recipe:
    parsed = {name: tuple(Choice.parse(text) for text in texts) for name, texts in choices.items()}
    return Recipe(platforms=(AMD64, ARM64), **parsed)  # type: ignore[arg-type]


async def run(
    wanted: Recipe, registry: RunningRegistry, repository: str
) -> tuple[list[Digest], list[Event], list[str]]:
    heard: list[Event] = []
    lines: list[str] = []
    target = Repository(registry.host, repository)
    pushed = await build_all(wanted, target, lambda p, line: lines.append(f"{p}: {line}"), heard.append)
    return pushed, heard, lines


async def test_each_platform_is_built_and_pushed_by_digest(
    embedded_registry: RunningRegistry, repository: str, calls: Calls
) -> None:
    pushed, heard, lines = await run(recipe(builders=["farm"]), embedded_registry, repository)

    assert [digest.short for digest in pushed] == ["5514d380f72a", "29968967f5d7"]
    assert heard == []
    assert sorted(lines) == [f"linux/{a}: #1 [internal] load build definition" for a in ("amd64", "arm64")]
    output = f"type=image,name={embedded_registry.host}/{repository},push-by-digest=true,name-canonical=true,push=true"
    assert calls.builds["linux/arm64"][:8] == [
        "buildx", "build", "--progress", "plain", "--platform", "linux/arm64", "--output", output,
    ]  # fmt: skip


async def test_files_builders_and_arguments_may_differ_by_platform(
    embedded_registry: RunningRegistry, repository: str, calls: Calls
) -> None:
    wanted = recipe(
        files=["Dockerfile_{uname}"],
        builders=["farm", "linux/arm64=arm-farm"],
        arguments=["ALL=1", "linux/amd64=ONE=a=b"],
    )
    await run(wanted, embedded_registry, repository)

    amd64, arm64 = calls.builds["linux/amd64"], calls.builds["linux/arm64"]
    assert amd64[10:] == [
        "--builder", "farm", "--file", "Dockerfile_x86_64", "--build-arg", "ALL=1", "--build-arg", "ONE=a=b", ".",
    ]  # fmt: skip
    assert arm64[10:] == ["--builder", "arm-farm", "--file", "Dockerfile_aarch64", "--build-arg", "ALL=1", "."]


async def test_a_platform_that_a_builder_lacks_is_told_before_anything_is_built(
    embedded_registry: RunningRegistry, repository: str, calls: Calls
) -> None:
    _, heard, _ = await run(recipe(builders=["amd64-only"]), embedded_registry, repository)

    (note,) = heard
    assert isinstance(note, Note)
    assert "builder amd64-only has linux/amd64, linux/amd64/v2, linux/386, not linux/arm64" in note.text


async def test_a_build_that_fails_says_its_last_word(
    embedded_registry: RunningRegistry, repository: str, calls: Calls
) -> None:
    with pytest.raises(ProgramError, match="build for linux/arm64: .* ended with 1: failed to solve: no space"):
        await run(recipe(builders=["farm", "linux/arm64=broken"]), embedded_registry, repository)


async def test_a_builder_that_does_not_exist_is_named(
    embedded_registry: RunningRegistry, repository: str, calls: Calls
) -> None:
    with pytest.raises(ProgramError, match='builder nobody: no builder "nobody" found'):
        await run(recipe(builders=["nobody"]), embedded_registry, repository)


async def test_docker_that_is_missing_is_named(
    embedded_registry: RunningRegistry, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ProgramError, match="docker: is not installed"):
        await run(recipe(), embedded_registry, repository)


@pytest.mark.parametrize(
    "said",
    [
        "unknown flag: --bootstrap\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]",
        "docker: unknown command: docker buildx\n\nRun 'docker --help' for more information",
        "docker: 'buildx' is not a docker command.\nSee 'docker --help'",
    ],
)
async def test_docker_without_buildx_is_told_so(
    embedded_registry: RunningRegistry, repository: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str
) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\necho {shlex.quote(said)}\nexit 1\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ProgramError, match="docker buildx: is not installed; add the plugin"):
        await run(recipe(), embedded_registry, repository)


class TestChoices:
    @pytest.mark.parametrize(
        ("text", "platform", "value"),
        [
            ("Dockerfile", None, "Dockerfile"),
            ("linux/arm64=Dockerfile.arm", ARM64, "Dockerfile.arm"),
            ("linux/aarch64=KEY=a=b", ARM64, "KEY=a=b"),
            ("KEY=linux/arm64", None, "KEY=linux/arm64"),
            ("docker/a=b/Dockerfile", None, "docker/a=b/Dockerfile"),
        ],
    )
    def test_a_value_may_be_for_one_platform(self, text: str, platform: Platform | None, value: str) -> None:
        assert Choice.parse(text) == Choice(platform, value)

    def test_the_one_for_the_platform_goes_before_the_one_for_all(self) -> None:
        choices = [Choice(ARM64, "arm"), Choice(None, "all"), Choice(None, "later")]

        assert (last_for(choices, ARM64), last_for(choices, AMD64)) == ("arm", "later")

    def test_a_pattern_that_makes_no_sense_is_refused(self) -> None:
        with pytest.raises(UsageError, match=r"it may hold \{os\}, \{arch\}"):
            _ = recipe(files=["Dockerfile_{machine}"]).builds

    def test_no_platform_at_all_is_refused(self) -> None:
        with pytest.raises(UsageError, match="no platform to build for"):
            _ = Recipe(platforms=()).builds
