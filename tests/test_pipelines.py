"""The snippets for GitHub Actions and GitLab run: their shell parts, in the environment that those systems give."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.registries import ROOT, RunningRegistry

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
GITLAB = yaml.safe_load((ROOT / "docs" / "gitlab-ci.yml").read_text())


@pytest.fixture
def name(registry: RunningRegistry, repository: str) -> str:
    registry.push("amd64.attested.oci.tar", repository, "1.0-x86_64")
    registry.push("arm64.attested.oci.tar", repository, "1.0-aarch64")
    return f"{registry.host}/{repository}"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What both systems have: a home, and `regtool` on the path."""
    program = tmp_path / "bin" / "regtool"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m regtool "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path / ".docker"), "CI": "true"}


def shell(script: str, environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a script as GitHub's runners do."""
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


class TestGitHub:
    def run(
        self, inputs: dict[str, str], environment: dict[str, str], folder: Path, **more: str
    ) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        """Runs the merge step with these inputs; returns what came of it and the outputs of the step."""
        (step,) = [step for step in ACTION["runs"]["steps"] if step.get("id") == "merge"]
        given = {name: inputs.get(name, spec["default"]) for name, spec in ACTION["inputs"].items()}
        variables = {name: _filled(value, given) for name, value in step["env"].items()}
        files = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        runner = {"GITHUB_ACTIONS": "true", **files, **more}
        done = shell(step["run"], environment | variables | runner, folder)
        return done, _outputs(Path(files["GITHUB_OUTPUT"]))

    def test_architectures_become_one_tag_and_the_outputs_of_the_step(
        self, name: str, environment: dict[str, str], tmp_path: Path
    ) -> None:
        inputs = {"target": f"{name}:1.0", "arch-tags": "x86_64,aarch64", "tags": "latest\n1\n", "wait": "30s"}
        done, outputs = self.run(inputs | {"expect": "linux/amd64,linux/arm64"}, environment, tmp_path)

        assert done.returncode == 0, done.stderr
        assert outputs["reference"] == f"{name}@{outputs['digest']}"
        assert outputs["tags"].splitlines() == [f"{name}:{tag}" for tag in ("1.0", "latest", "1")]
        assert (outputs["platforms"], outputs["changed"]) == ("linux/amd64,linux/arm64", "true")
        assert f"`{name}:latest`" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()

    def test_the_usual_recipe_with_digests_and_metadata_action(
        self, registry: RunningRegistry, name: str, repository: str, environment: dict[str, str], tmp_path: Path
    ) -> None:
        folder = tmp_path / "digests"
        folder.mkdir()
        for tar in ("amd64", "arm64"):
            digest = registry.push(f"{tar}.attested.oci.tar", repository, f"{tar}-by-digest")
            (folder / digest.removeprefix("sha256:")).touch()
        metadata = {"tags": [f"{name}:2.0", f"{name}:2"], "labels": {}, "annotations": ["index:org.x=y"]}
        said = {"DOCKER_METADATA_OUTPUT_JSON": json.dumps(metadata)}
        done, outputs = self.run({"digests": str(folder)}, environment, tmp_path, **said)

        assert done.returncode == 0, done.stderr
        assert outputs["tags"].splitlines() == metadata["tags"]

    def test_an_input_cannot_become_part_of_the_script(
        self, name: str, environment: dict[str, str], tmp_path: Path
    ) -> None:
        inputs = {"target": f"{name}:1.0", "sources": f"$(touch {tmp_path}/pwned)\n"}
        done, _ = self.run(inputs, environment, tmp_path)

        assert done.returncode == 2
        assert "::error" in done.stderr + done.stdout
        assert not (tmp_path / "pwned").exists()

    def test_every_output_of_the_action_is_one_of_the_step(self) -> None:
        for output in ACTION["outputs"].values():
            assert re.fullmatch(r"\$\{\{ steps\.merge\.outputs\.\w+ \}\}", output["value"])

    def test_no_script_holds_an_expression(self) -> None:
        assert all("${{" not in step["run"] for step in ACTION["runs"]["steps"])


class TestGitLab:
    def test_the_job_logs_in_merges_and_hands_its_variables_on(
        self, htpasswd_registry: RunningRegistry, repository: str, environment: dict[str, str], tmp_path: Path
    ) -> None:
        htpasswd_registry.push("amd64.attested.oci.tar", repository, "main-x86_64")
        htpasswd_registry.push("arm64.attested.oci.tar", repository, "main-aarch64")
        user, _, password = (htpasswd_registry.credentials or "").partition(":")
        pipeline = {
            "CI_REGISTRY": htpasswd_registry.host,
            "CI_REGISTRY_IMAGE": f"{htpasswd_registry.host}/{repository}",
            "CI_REGISTRY_USER": user,
            "CI_REGISTRY_PASSWORD": password,
            "CI_COMMIT_REF_SLUG": "main",
            "GITLAB_CI": "true",
        }
        job: dict[str, Any] = GITLAB[".regtool-merge"]
        variables = {name: _expanded(value, pipeline) for name, value in job["variables"].items()}
        done = shell("\n".join(job["script"]), environment | pipeline | variables, tmp_path)

        assert done.returncode == 0, done.stderr
        handed_on = dict(line.split("=", 1) for line in (tmp_path / "regtool.env").read_text().splitlines())
        assert handed_on["REGTOOL_PLATFORMS"] == "linux/amd64,linux/arm64"
        assert handed_on["REGTOOL_TAGS"] == f"{htpasswd_registry.host}/{repository}:main"
        assert password not in done.stdout + done.stderr


def _filled(expression: str, inputs: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], expression)


def _expanded(text: str, variables: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda found: variables[found[1]], text)


def _outputs(file: Path) -> dict[str, str]:
    """The outputs of a step, as the runner reads them."""
    found = re.findall(r"(\w+)<<(\S+)\n(.*?)\n\2\n", file.read_text() if file.exists() else "", re.DOTALL)
    return {name: value for name, _, value in found}
