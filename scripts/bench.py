"""How long the short commands take: each is run as a program of its own, and the median of the runs is printed.

`regtool serve` on loopback answers, so what is measured is regtool, not a network. Run it as `python -m scripts.bench`.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from scripts.push_layout import push_layout

FIXTURES = Path(__file__).parent.parent / "fixtures" / "buildx"
RUNS = 9
REGTOOL = [sys.executable, "-m", "regtool"]


def timed(command: list[str]) -> float:
    """The time of one run, in milliseconds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return (time.perf_counter() - start) * 1000


@contextmanager
def registry() -> Iterator[str]:
    """A registry on a free port; gives its URL."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DOCKER_CONFIG"] = folder  # no credentials of whoever runs this
        command = [*REGTOOL, "serve", folder, "--port", "0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            yield url_from(server)
        finally:
            server.terminate()
            server.communicate()


def url_from(server: "subprocess.Popen[str]") -> str:
    """Reads what the server says until it names its address."""
    assert server.stdout is not None
    for line in server.stdout:
        _, found, rest = line.partition("http://127.0.0.1:")
        if found:
            port = rest.split()[0].rstrip("/.,)")
            return found + port
    sys.exit("regtool serve ended before it said where it listens")


def commands(name: str) -> dict[str, list[str]]:
    """What is measured, by what it shows."""
    sources = [f"{name}:1.0-{machine}" for machine in ("x86_64", "aarch64")]
    return {
        "bare Python": [sys.executable, "-c", "pass"],
        "--version": [*REGTOOL, "--version"],
        "resolve": [*REGTOOL, "resolve", sources[0]],
        "inspect": [*REGTOOL, "inspect", sources[0]],
        "create, nothing to do": [*REGTOOL, "create", f"{name}:1.0", *sources],
    }


def main() -> None:
    """Fills a registry, merges once, and measures."""
    with registry() as url:
        for arch, machine in (("amd64", "x86_64"), ("arm64", "aarch64")):
            push_layout(FIXTURES / f"{arch}.attested.oci.tar", url, "bench", f"1.0-{machine}")
        for label, command in commands(f"{url.removeprefix('http://')}/bench").items():
            timed(command)  # the first run compiles and, for create, merges
            print(f"{label:24}{median(timed(command) for _ in range(RUNS)):6.0f} ms")


if __name__ == "__main__":
    main()
