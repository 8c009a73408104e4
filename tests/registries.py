"""Real registries for the tests, each on a free loopback port and with a log of its requests.

`distribution` runs Debian's docker-registry; where that is not installed and a Docker engine answers, the service of
the same name in docker-compose.yml. `embedded` runs `regtool serve` as its users do, as a program of its own.
"""

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.push_layout import push_layout

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
CREDENTIALS = "demo:demo-password"  # what the bcrypt hash in fixtures/htpasswd was made from

_REQUEST = re.compile(r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/[\d.]+" (?P<status>\d{3})')
_FENCE = "/v2/?fence="
_PATIENCE = 30.0

_CONFIG = """\
version: 0.1
log: {{level: info}}
storage:
  filesystem: {{rootdirectory: {data}}}
  delete: {{enabled: true}}
  maintenance: {{uploadpurging: {{enabled: false}}}}
http: {{addr: "127.0.0.1:0"}}
"""
_CONFIG_HTPASSWD = f"""\
auth:
  htpasswd: {{{{realm: regtool, path: {FIXTURES / "htpasswd"}}}}}
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One line of a registry's access log; the path is as it was sent, with its query."""

    method: str
    path: str
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


@dataclass(frozen=True, slots=True)
class RunningRegistry:
    """A registry that runs: where it is, who may use it, and what it was asked."""

    url: str
    log: Path
    credentials: str | None = None

    @property
    def host(self) -> str:
        """Host and port, as they stand in an image reference."""
        return self.url.removeprefix("http://")

    def push(self, tar_name: str, repository: str, tag: str) -> str:
        """Pushes a tar of fixtures/buildx and returns the digest that the tag has now."""
        return push_fixture(self.url, repository, tag, tar_name, self.credentials)

    def mark(self) -> int:
        """A point in the log, for `requests_since`."""
        return self._fence(0)[1]

    def requests_since(self, mark: int) -> list[Request]:
        """What the registry was asked since `mark`, in the order in which it finished."""
        said, _ = self._fence(mark)
        found = (Request(line["method"], line["path"], int(line["status"])) for line in _REQUEST.finditer(said))
        return [request for request in found if not request.path.startswith(_FENCE)]

    def _fence(self, start: int) -> tuple[str, int]:
        """Asks for something unmistakable, waits until it is in the log, and returns the log from `start` and its end.

        A log is written a moment after the answer has gone out. What comes before the fence is complete.
        """
        path = f"{_FENCE}{uuid.uuid4().hex}"
        try:
            urllib.request.urlopen(f"{self.url}{path}", timeout=_PATIENCE).close()
        except urllib.error.HTTPError as refusal:
            refusal.close()  # a registry with a password says 401, and logs that
        seen = wait_for(self.log, re.compile(f"{re.escape(path)} HTTP.*\n"), start)
        return seen.string, start + len(seen.string[: seen.end()].encode())


def push_fixture(base_url: str, repository: str, tag: str, tar_name: str, credentials: str | None = None) -> str:
    """Pushes `fixtures/buildx/tar_name` to a registry, without any code of regtool, and returns the digest."""
    return push_layout(FIXTURES / "buildx" / tar_name, base_url, repository, tag, credentials)


@contextmanager
def distribution(folder: Path, *, password: bool = False) -> Iterator[RunningRegistry]:
    """Runs distribution 2.8 in `folder`, with deleting switched on; with `password` it wants `CREDENTIALS`."""
    credentials = CREDENTIALS if password else None
    if shutil.which("docker-registry"):
        config = folder / "config.yml"
        config.write_text((_CONFIG + (_CONFIG_HTPASSWD if password else "")).format(data=folder / "data"))
        ready = re.compile(r"listening on (?P<host>127\.0\.0\.1:\d+)")
        with _running(["docker-registry", "serve", str(config)], folder / "log", ready) as started:
            yield RunningRegistry(f"http://{started['host']}", folder / "log", credentials)
        return
    host = f"127.0.0.1:{_free_port()}"
    with _running(_compose_command(host, password), folder / "log", re.compile("listening on ")):
        yield RunningRegistry(f"http://{host}", folder / "log", credentials)


@contextmanager
def embedded(folder: Path) -> Iterator[RunningRegistry]:
    """Runs `regtool serve` on a directory in `folder`."""
    command = [sys.executable, "-m", "regtool", "serve", str(folder / "data"), "--port", "0"]
    ready = re.compile(r"(?P<url>http://127\.0\.0\.1:\d+)")
    with _running(command, folder / "log", ready) as started:
        yield RunningRegistry(started["url"], folder / "log")


def wait_for(log: Path, pattern: re.Pattern[str], start: int = 0) -> re.Match[str]:
    """Waits until the log, from byte `start` on, holds `pattern`. The match's `string` is the log from there."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with log.open("rb") as file:
            file.seek(start)
            if found := pattern.search(file.read().decode(errors="replace")):
                return found
        time.sleep(0.005)
    raise TimeoutError(f"{log}: no {pattern.pattern!r} in it after {_PATIENCE:.0f} s")


@contextmanager
def _running(command: Sequence[str], log: Path, ready: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Runs a program until the block ends; the block starts when the program's output holds `ready`."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT)
    try:
        yield _started(process, log, ready)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _started(process: subprocess.Popen[bytes], log: Path, ready: re.Pattern[str]) -> re.Match[str]:
    """Waits until the program is ready, or fails with what it said when it ended instead."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        said = log.read_text(errors="replace")
        if found := ready.search(said):
            return found
        if ended:
            pytest.fail(f"{process.args!r} ended with {process.returncode}: {said[-2000:]}", pytrace=False)
        time.sleep(0.01)
    raise TimeoutError(f"{process.args!r} is not ready after {_PATIENCE:.0f} s")


def _compose_command(host: str, password: bool) -> list[str]:
    """The command that runs the service of docker-compose.yml in the foreground, on `host`."""
    if not shutil.which("docker") or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.fail("docker-registry is not installed and no Docker engine answers; run `make judges`", pytrace=False)
    service = "distribution-2-htpasswd" if password else "distribution-2"
    return ["docker", "compose", "run", "--rm", "-T", "--publish", f"{host}:5000", service]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
