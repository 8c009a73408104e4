"""Programs that others wrote and that read what regtool wrote: skopeo, the docker client, and any more that are here.

They never see the credentials of whoever runs the tests: `conftest.py` gives every program an empty home.
"""

import json
import shutil
import subprocess
from typing import Any

import pytest


def ask(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a judge and returns what came of it, whatever that is; fails if it is not installed."""
    if not shutil.which(program):
        pytest.fail(f"{program} is not installed; run `make judges`", pytrace=False)
    return subprocess.run([program, *arguments], capture_output=True, check=False, timeout=60)


def answer_of(program: str, *arguments: str) -> bytes:
    """Runs a judge that must succeed and returns its standard output."""
    done = ask(program, *arguments)
    assert done.returncode == 0, f"{program} {' '.join(arguments)}: {done.stderr.decode(errors='replace')}"
    return done.stdout


def skopeo_inspect_raw(reference: str, credentials: str | None = None) -> bytes:
    """The bytes of the manifest at `reference`, as skopeo reads them."""
    login = ["--creds", credentials] if credentials else []
    return answer_of("skopeo", "inspect", "--raw", "--tls-verify=false", *login, f"docker://{reference}")


def docker_manifest_inspect(reference: str) -> dict[str, Any]:
    """The list or image at `reference`, as `docker manifest inspect` prints it."""
    document: dict[str, Any] = json.loads(answer_of("docker", "manifest", "inspect", "--insecure", reference))
    return document


def docker_manifest_create(target: str, *sources: str) -> subprocess.CompletedProcess[bytes]:
    """What `docker manifest create` makes of these sources: it refuses those that are lists themselves."""
    return ask("docker", "manifest", "create", "--insecure", target, *sources)
