"""What a start costs: the imports of the short commands are counted, not timed."""

import subprocess
import sys

import pytest

from tests.registries import RunningRegistry

PROGRAM = """
import os, sys
from regtool.__main__ import main
os._exit = sys.exit  # at the end of a command the process does not wait for anybody
try: main()
finally: print(*sys.modules, file=sys.stderr)
"""

# Where every command starts: the command line, HTTP's grammar, and nothing else that is not Python's own.
BESIDES_PYTHON = {"h11", "regtool"}


def loaded_by(*words: str) -> set[str]:
    """The modules that are loaded when a command ends, without those of a bare interpreter."""
    return _modules(PROGRAM, *words) - _modules("import sys; print(*sys.modules, file=sys.stderr)")


def _modules(program: str, *words: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)
    return set(done.stderr.splitlines()[-1].split())


def packages_besides_python(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} - set(sys.stdlib_module_names)


@pytest.mark.parametrize("words", [("--version",), ("-V",)])
def test_the_version_is_told_by_two_small_files(words: tuple[str, ...]) -> None:
    assert loaded_by(*words) == {"regtool", "regtool.__main__"}


@pytest.mark.parametrize(
    "words",
    [
        ("create", "{here}:both", "{here}:amd64", "{here}:arm64"),
        ("tag", "{here}:amd64", "{here}:more"),
        ("inspect", "{here}:amd64"),
        ("resolve", "{here}:amd64"),
        ("ls", "{here}"),
        ("audit", "{here}:amd64", "--no-cache"),
    ],
    ids=lambda words: words[0],
)
def test_a_command_loads_no_package_that_it_does_not_use(
    debian_registry: RunningRegistry, repository: str, words: tuple[str, ...]
) -> None:
    for arch in ("amd64", "arm64"):
        debian_registry.push(f"{arch}.oci.tar", repository, arch)

    loaded = loaded_by(*(word.format(here=f"{debian_registry.host}/{repository}") for word in words))

    assert "regtool.transport.wire" in loaded
    assert packages_besides_python(loaded) <= BESIDES_PYTHON
    assert not loaded & {"email.message", "http.client", "importlib.metadata", "tomllib", "urllib.request"}
    assert not loaded & {"regtool.stores.archive", "regtool.stores.layout", "regtool.server"}


def test_the_version_is_that_of_the_package() -> None:
    from regtool import __version__

    done = subprocess.run([sys.executable, "-m", "regtool", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"regtool {__version__}\n"


def test_help_does_not_wait_for_what_only_files_need() -> None:
    assert not loaded_by("--help") & {"pydantic", "yaml", "oras", "uvicorn", "truststore"}


INTERRUPTED = """
import signal, sys
from regtool.__main__ import main
class Pressed:
    def find_spec(self, name, *_): name == "regtool.cli.app" and signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Pressed())
main()
"""


def test_ctrl_c_at_the_start_is_told_in_one_line() -> None:
    command = [sys.executable, "-c", INTERRUPTED, "ls", "localhost:1/app"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "regtool: interrupted by Ctrl-C\n")
