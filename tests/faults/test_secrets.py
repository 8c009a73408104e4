"""Whatever happens, no secret is printed: every command, with everything told, also where it fails or crashes."""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.program import Outcome, regtool
from tests.images import push_image
from tests.registries import ROOT, RunningRegistry

PASSWORD = "canary-pa55word"
TOKEN = "canary-t0ken"
SIGNATURE = "canary-s1gnature"
USER = "demo"
SECRETS = [PASSWORD, TOKEN, SIGNATURE, "demo-password"]
SECRETS += [base64.b64encode(f"{USER}:{secret}".encode()).decode() for secret in SECRETS]


@dataclass
class Place:
    """A repository with images, and what an environment says about who we are."""

    host: str
    repository: str
    environment: dict[str, str]

    def run(self, *words: str, stdin: str = "", **more: str) -> Outcome:
        text = [word.replace("APP", f"{self.host}/{self.repository}").replace("HOST", self.host) for word in words]
        return regtool(*text, "--verbose", stdin=stdin, **{**self.environment, **more})


def silent(outcome: Outcome) -> None:
    """No secret stands in any output."""
    for secret in SECRETS:
        assert secret not in outcome.out + outcome.err


COMMANDS = [
    ["create", "APP:1.0", "APP:amd64", "APP:arm64"],
    ["create", "APP:1.0", "APP:amd64", "APP:missing"],
    ["create", "APP:1.0", "APP:amd64", "APP:arm64", "--dry-run", "--output", "json"],
    ["inspect", "APP:amd64"],
    ["inspect", "APP:missing", "--output", "json"],
    ["resolve", "APP:amd64"],
    ["ls", "APP"],
    ["tag", "APP:amd64", "again"],
    ["copy", "APP:amd64", "APP/copy:1.0"],
    ["audit", "APP"],
    ["diff", "APP:amd64", "APP:arm64"],
    ["rm", "APP:gone", "--yes"],
    ["whoami", "HOST"],
    ["login", "HOST", "-u", USER, "--password-stdin"],
    ["logout", "HOST"],
]
# What the environment holds: right, wrong, broken, and for nobody.
ENVIRONMENTS = ["right", "wrong", "token", "broken"]


@pytest.fixture(params=ENVIRONMENTS)
def place(request: pytest.FixtureRequest, htpasswd_registry: RunningRegistry, repository: str, tmp_path: Path) -> Place:
    for architecture in ("amd64", "arm64"):
        push_image(htpasswd_registry, repository, architecture, config={"architecture": architecture})
    secret = {"right": "demo-password", "wrong": PASSWORD}.get(request.param, "")
    entry = {"auth": base64.b64encode(f"{USER}:{secret}".encode()).decode()}
    if request.param == "token":
        entry = {"registrytoken": TOKEN}
    if request.param == "broken":
        entry = {"auth": f"%{PASSWORD}%"}
    config = json.dumps({"auths": {htpasswd_registry.host: entry}})
    return Place(htpasswd_registry.host, repository, {"DOCKER_AUTH_CONFIG": config, "DOCKER_CONFIG": str(tmp_path)})


def test_no_output_holds_a_secret(place: Place) -> None:
    codes = set()
    for words in COMMANDS:
        outcome = place.run(*words, stdin=f"{PASSWORD}\n")
        silent(outcome)
        assert "Traceback" not in outcome.err
        codes.add(outcome.code)

    assert codes - {0}  # some have failed, as they should


@pytest.mark.parametrize("url", [f"http://user:{PASSWORD}@proxy.invalid:1", f"http://{PASSWORD}@[::"])
def test_the_password_of_a_proxy_is_not_told(url: str) -> None:
    outcome = regtool("inspect", "registry.invalid/app:1.0", "--verbose", HTTPS_PROXY=url)

    assert outcome.code in (2, 6)
    silent(outcome)


def test_a_secret_in_a_name_is_not_repeated() -> None:
    outcome = regtool("inspect", f"https://user:{PASSWORD}@registry.invalid/app:1.0", "--verbose")

    assert outcome.code == 2
    silent(outcome)


_CRASH = """
import sys
from regtool.transport.auth import Access
from regtool.cli.app import main

def defect(self, *arguments):
    secret = self
    raise ZeroDivisionError("a defect, while " + repr(arguments)[:0])

Access._answer = defect
sys.exit(main(sys.argv[1:]))
"""


def test_a_crash_in_the_midst_of_it_tells_nothing_either(htpasswd_registry: RunningRegistry) -> None:
    config = {"auths": {htpasswd_registry.host: {"auth": base64.b64encode(b"demo:demo-password").decode()}}}
    done = subprocess.run(
        [sys.executable, "-c", _CRASH, "inspect", f"{htpasswd_registry.host}/app:1.0", "--verbose"],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={"DOCKER_AUTH_CONFIG": json.dumps(config), "PATH": "/usr/bin", "HOME": "/nonexistent"},
    )  # fmt: skip

    assert done.returncode == 1
    assert "internal error: ZeroDivisionError" in done.stderr
    assert "Traceback" in done.stderr  # which --verbose asks for
    silent(Outcome(done.returncode, done.stdout, done.stderr))
