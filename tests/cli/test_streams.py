"""What becomes of the result, and of the words about it, when nobody takes them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import regtool
from tests.images import push_image
from tests.registries import RunningRegistry


@pytest.fixture
def name(debian_registry: RunningRegistry, repository: str) -> str:
    """A repository with two images."""
    for architecture in ("amd64", "arm64"):
        push_image(debian_registry, repository, architecture, config={"architecture": architecture})
    return f"{debian_registry.host}/{repository}"


def shell(line: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs regtool with these words in a line of bash, as `"$@"`; the exit code is its own, whatever comes behind."""
    script = f"{line}; exit ${{PIPESTATUS[0]}}"
    command = ["bash", "-c", script, "bash", sys.executable, "-m", "regtool", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


READING = [["ls", "NAME"], ["inspect", "NAME:amd64", "-o", "json"], ["cat", "NAME:amd64"], ["audit", "NAME"]]


@pytest.mark.parametrize("words", READING, ids=lambda words: str(words[0]))
def test_a_result_that_finds_no_room_is_an_error(name: str, words: list[str]) -> None:
    done = shell('"$@" > /dev/full', *(word.replace("NAME", name) for word in words))

    assert done.returncode == 13
    assert done.stderr.splitlines()[-1] == (
        "regtool: standard output: the result cannot be written: no space left on device"
    )


def test_an_error_keeps_its_code_where_it_finds_no_room(name: str) -> None:
    done = shell('"$@" > /dev/full', "resolve", f"{name}:missing", "-o", "json")

    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_a_result_for_nobody_is_an_error_too(name: str) -> None:
    done = shell('"$@" >&-', "ls", name)

    assert done.returncode == 13
    assert done.stderr == "regtool: standard output: the result cannot be written: bad file descriptor\n"


@pytest.mark.parametrize("line", ['"$@" > /dev/full', '"$@" >&-'])
@pytest.mark.parametrize("words", [["--version"], ["--help"], ["ls", "--help"], ["--help", "ls"]], ids=" ".join)
def test_help_and_version_that_find_no_room_are_errors_of_one_line(line: str, words: list[str]) -> None:
    done = shell(line, *words)

    assert done.returncode == 13
    assert done.stderr.startswith("regtool: standard output: the result cannot be written: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["--version"], ["--help"]], ids=" ".join)
def test_whoever_has_seen_enough_of_help_is_no_error(words: list[str]) -> None:
    done = shell('"$@" | true', *words)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line", ['"$@" 2>&1 | true', '"$@" 2> /dev/full', '"$@" 2>&-', '"$@" | true'])
def test_work_goes_on_where_nobody_hears_of_it(name: str, line: str) -> None:
    done = shell(line, "create", f"{name}:1.0", f"{name}:amd64", f"{name}:arm64", "--verbose")

    assert done.returncode == 0
    assert regtool("resolve", f"{name}:1.0").code == 0


def test_every_tag_is_copied_also_if_nobody_reads_which(name: str) -> None:
    tags = [f"t{number}" for number in range(70)]  # more than are copied together
    assert regtool("tag", f"{name}:amd64", *tags).code == 0
    done = shell('"$@" | true', "copy", "--all-tags", name, f"{name}/copy")

    assert done.returncode == 0
    assert regtool("ls", f"{name}/copy").out == regtool("ls", name).out


@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_a_file_for_the_pipeline_that_is_none_is_written_into(name: str, tmp_path: Path, kind: str) -> None:
    place, real = tmp_path / "metadata", tmp_path / "real"
    real.touch()
    place.symlink_to("/dev/stdout" if kind == "pipe" else real)
    done = shell('"$@" | cat', "create", f"{name}:1.0", f"{name}:amd64", "--quiet", "--metadata-file", str(place))

    assert done.returncode == 0
    assert place.is_symlink()
    assert "containerimage.digest" in (done.stdout if kind == "pipe" else real.read_text())


def test_a_device_stays_what_it_is(name: str) -> None:
    done = regtool("create", f"{name}:1.0", f"{name}:amd64", "--metadata-file", "/dev/full")

    assert done.code == 13
    assert "--metadata-file /dev/full: No space left on device, but the tags are published" in done.err
    assert Path("/dev/full").is_char_device()
