"""The repository keeps its own promises: a lock that fits, services that compose, no trace of one machine."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.judges import answer_of
from tests.registries import CREDENTIALS, ROOT

# Spelled in pieces, so that this file does not find itself.
FOREIGN = re.compile(
    "|".join(
        (r"/(?:root|work|home/\w+|Users/\w+|opt/wheels)/", r"\.\./" + "shared", "pypi" + r"\.org", "python" + "hosted")
    )
)
PINNED = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+)", re.MULTILINE)
BLOCK = re.compile(r"^[\w.-]+==[^\n]*(?:\n[ #][^\n]*)*", re.MULTILINE)


def tracked_files() -> list[str]:
    listing = answer_of("git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z")
    return listing.decode().rstrip("\0").split("\0")


def read(name: str) -> str:
    return (ROOT / name).read_text()


def project() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def requirements() -> Iterator[Requirement]:
    """Everything that pyproject.toml asks for: of users, of the extras, and of whoever works on it."""
    document = project()
    extras = document["project"]["optional-dependencies"].values()
    groups = document["dependency-groups"].values()
    for group in (document["project"]["dependencies"], *extras, *groups):
        yield from (Requirement(text) for text in group if isinstance(text, str))


def locked() -> dict[str, Version]:
    found = PINNED.finditer(read("requirements-dev.txt"))
    return {canonicalize_name(pin["name"]): Version(pin["version"]) for pin in found}


def test_the_lock_fits_what_the_project_asks_for() -> None:
    pins = locked()

    wanted = {canonicalize_name(asked.name): asked.specifier for asked in requirements()}

    assert wanted.keys() - pins.keys() == set()
    assert [name for name, specifier in wanted.items() if pins[name] not in specifier] == []


def test_the_lock_has_a_hash_for_every_package_and_names_no_index() -> None:
    lock = read("requirements-dev.txt")

    assert [block for block in BLOCK.findall(lock) if "--hash=sha256:" not in block] == []
    assert re.findall(r"^-.*|\w+://.*", lock, re.MULTILINE) == []


def test_the_version_stands_in_the_changelog() -> None:
    assert project()["project"]["version"] in read("CHANGELOG.md")


def test_no_file_names_the_machine_it_was_written_on() -> None:
    texts = [name for name in tracked_files() if not name.endswith((".tar", ".gz", ".png")) and (ROOT / name).is_file()]

    assert [name for name in texts if FOREIGN.search(read(name))] == []


def test_programs_are_executable() -> None:
    programs = [name for name in tracked_files() if read_start(name).startswith(b"#!")]

    assert ".ci/run" in programs
    assert [name for name in programs if not (ROOT / name).stat().st_mode & 0o100] == []


def read_start(name: str) -> bytes:
    with (ROOT / name).open("rb") as file:
        return file.read(2)


def test_the_readme_is_short() -> None:
    assert len(read("README.md").splitlines()) < 150


def test_the_services_are_the_ones_that_the_tests_use() -> None:
    services = yaml.safe_load(read("docker-compose.yml"))["services"]

    assert {"distribution-2", "distribution-3", "zot", "distribution-2-htpasswd"} == set(services)


def test_the_services_listen_on_loopback_alone_and_each_on_a_port_of_its_own() -> None:
    services = yaml.safe_load(read("docker-compose.yml"))["services"].values()

    published = [port for service in services for port in service["ports"]]

    assert [port for port in published if not port.startswith("127.0.0.1:")] == []
    assert len(set(published)) == len(services)


def test_no_password_but_the_tests_own_is_in_the_password_file() -> None:
    (line,) = read("fixtures/htpasswd").splitlines()

    assert line.partition(":")[0] == CREDENTIALS.partition(":")[0]


def test_compose_accepts_the_services() -> None:
    compose = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]

    answer_of(*compose, "--file", str(ROOT / "docker-compose.yml"), "config", "--quiet")
