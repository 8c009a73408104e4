"""What the documents say, held against the program."""

import re
import subprocess
import sys

from regtool import errors
from tests.images import push_image
from tests.registries import ROOT, RunningRegistry

# An exit code belongs to a kind of error; what derives from a kind shares it.
KINDS: list[type[errors.RegtoolError]] = [errors.RegtoolError, *errors.RegtoolError.__subclasses__()]


def test_every_kind_of_error_is_in_the_table_of_exit_codes_with_its_code() -> None:
    table = (ROOT / "docs" / "exit-codes.md").read_text()
    listed = {int(number): code for number, code in re.findall(r"^\| (\d+) \| `([a-z-]+)`", table, re.MULTILINE)}
    known = {error.exit_code: error.code for error in KINDS}

    assert listed == known


def test_no_two_kinds_share_an_exit_code() -> None:
    codes = [error.exit_code for error in KINDS]

    assert len(codes) == len(set(codes))


def test_the_library_example_of_the_readme_runs(embedded_registry: RunningRegistry, repository: str) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    for name, architecture in (("1.0-x86_64", "amd64"), ("1.0-aarch64", "arm64")):
        push_image(embedded_registry, repository, name, config={"architecture": architecture})
    program = example.replace("localhost:5000/java-multi-arch-demo", f"{embedded_registry.host}/{repository}")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.stdout.endswith("['linux/amd64', 'linux/arm64']\n")
