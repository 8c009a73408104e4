"""`regtool audit` as its users run it: what it says, in every form, and how it leaves."""

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.broken import cases
from tests.cli.program import Outcome, regtool
from tests.registries import RunningRegistry


@pytest.fixture(scope="module")
def fleet(debian_registry: RunningRegistry) -> str:
    """A repository with a good tag and two bad ones."""
    debian_registry.push("multi.attested.oci.tar", "fleet/app", "1.0")
    broken = {case.code: case for case in cases()}
    for code in ("RT302", "RT304"):
        broken[code].publish(debian_registry, f"fleet/{code.lower()}")
    return f"{debian_registry.host}/fleet"


@pytest.fixture
def names(fleet: str, tmp_path: Path) -> str:
    """A file with the three names, and one that is not there."""
    file = tmp_path / "names"
    file.write_text("\n".join([f"{fleet}/app:1.0", f"{fleet}/rt302:1.0", f"{fleet}/rt304:1.0", f"{fleet}/app:gone"]))
    return str(file)


def audit(*words: str, **environment: str) -> Outcome:
    return regtool("audit", "--no-cache", *words, **environment)


def test_a_clean_tag_is_a_line_of_ticks(fleet: str) -> None:
    found = audit(f"{fleet}/app:1.0", "--require", "linux/amd64,linux/arm64")

    assert found.code == 0
    assert found.out.splitlines() == [
        f"{fleet}/app",
        "       linux/amd64  linux/arm64  linux/arm/v7",
        "  1.0  ✓            ✓            ✓",
        "",
        "✓ works  ✗ does not work  ~ only runs the image of another platform  - required and lacking",
    ]
    assert found.err.startswith("1 name: 1 clean, 0 with findings; 11 requests")


def test_names_of_one_repository_each_stand_in_full_below_one_heading(fleet: str) -> None:
    found = audit(f"{fleet}/app:1.0", f"{fleet}/rt302:1.0", "127.0.0.1:1/away:1.0")
    width = len(f"{fleet}/rt302:1.0") + 4

    assert found.out.splitlines()[:4] == [
        f"{' ' * width}linux/amd64  linux/arm64  linux/arm/v7  linux/riscv64",
        f"  {fleet}/app:1.0    ✓            ✓            ✓",
        f"  {fleet}/rt302:1.0  ✓                                       ✗              RT302",
        f"  {'127.0.0.1:1/away:1.0'.ljust(width - 4)}  cannot connect to 127.0.0.1:1: connection refused",
    ]


def test_a_digest_stands_behind_its_tag_below_the_repository(debian_registry: RunningRegistry, fleet: str) -> None:
    digest = debian_registry.push("multi.attested.oci.tar", "fleet/app", "1.0")
    found = audit(f"{fleet}/app:1.0", f"{fleet}/app:1.0@{digest}", f"{fleet}/app@{digest}")

    assert [line.split()[0] for line in found.out.splitlines()[2:5]] == [
        "1.0",
        f"1.0@{digest[:19]}",
        digest[:19],
    ]


def test_a_filter_that_no_tag_fits_is_no_success(fleet: str) -> None:
    found = audit(f"{fleet}/app", "--tags", "nope*")

    assert found.code == 14
    assert found.err.splitlines()[-1].startswith("regtool: nothing was looked at, as no tag fits")
    assert audit(f"{fleet}/app", "--tags", "nope*", "--shard", "1/2").code == 0


def test_findings_come_with_code_place_and_repair(fleet: str) -> None:
    found = audit(f"{fleet}/rt302:1.0")

    assert found.code == 9
    assert (
        "  error    RT302  manifests[1] linux/riscv64 sha256:2ee1c42a23f5 is an image for linux/arm64, not for"
        in found.out
    )
    assert "repair: set its platform to linux/arm64" in found.out
    assert found.err.splitlines()[-1].startswith("regtool: 1 of 1 name has findings")


def test_a_terminal_without_unicode_gets_letters(fleet: str) -> None:
    found = audit(f"{fleet}/app:1.0", PYTHONIOENCODING="ascii")

    assert found.out.splitlines()[2] == "  1.0  y            y            y"


def test_what_could_not_be_seen_decides_how_it_leaves(names: str) -> None:
    found = audit("--images", names)

    assert found.code == 14
    assert found.err.splitlines()[-1] == "regtool: 1 of 4 names could not be looked at, and 2 have findings"
    assert "RT302" in found.out


@pytest.mark.parametrize(
    ("words", "code"), [([], 9), (["--fail-on", "error"], 0), (["--ignore", "RT304"], 0), (["--select", "RT2"], 0)]
)
def test_severity_and_selection_decide_what_fails(fleet: str, words: list[str], code: int) -> None:
    assert audit(f"{fleet}/rt304:1.0", *words).code == code


def test_the_policy_of_the_folder_holds(fleet: str, tmp_path: Path) -> None:
    policy = tmp_path / "house.toml"
    policy.write_text(
        '[audit]\nrequire = ["linux/s390x"]\n[[audit.override]]\nmatch = "*/rt304:*"\nignore = ["RT3", "RT6"]\n'
    )

    assert audit(f"{fleet}/app:1.0", "--policy", str(policy)).code == 9
    assert audit(f"{fleet}/rt304:1.0", "--policy", str(policy)).code == 0


class TestReports:
    @pytest.fixture
    def folder(self, names: str, tmp_path: Path) -> Path:
        forms = ("json", "jsonl", "csv", "markdown", "junit", "sarif", "html")
        words = [word for form in forms for word in ("--report", f"{form}={tmp_path / form}")]
        assert audit("--images", names, *words).code == 14
        return tmp_path

    def test_json_has_everything(self, folder: Path, fleet: str) -> None:
        report = json.loads((folder / "json").read_text())

        assert report["summary"] == {
            "names": 4, "failing": 2, "unseen": 1, "findings": {"error": 1, "warning": 1, "note": 0}
        }  # fmt: skip
        good, bad, _, gone = report["names"]
        assert good["platforms"][0] == {"platform": "linux/amd64", "offer": "works"}
        assert bad["findings"][0]["code"] == "RT302"
        assert (gone["reference"], gone["error"]["code"]) == (f"{fleet}/app:gone", "not-found")

    def test_json_lines_are_the_same_names(self, folder: Path) -> None:
        lines = [json.loads(line) for line in (folder / "jsonl").read_text().splitlines()]

        assert lines == json.loads((folder / "json").read_text())["names"]

    def test_csv_has_a_line_for_each_finding_and_each_clean_name(self, folder: Path) -> None:
        rows = list(csv.DictReader(io.StringIO((folder / "csv").read_text())))

        assert [row["code"] for row in rows] == ["", "RT302", "RT304", "not-found"]
        assert rows[0]["platforms"] == "linux/amd64=works linux/arm64=works linux/arm/v7=works"

    def test_markdown_has_a_matrix_and_the_findings(self, folder: Path, fleet: str) -> None:
        text = (folder / "markdown").read_text()

        assert text.startswith("**4 names: 1 clean, 2 with findings (1 error, 1 warning), 1 could not be looked at**")
        assert f"| `{fleet}/app:1.0` | ✓ | ✓ | ✓ |  |  |\n" in text
        assert "| RT302 | error |" in text

    def test_junit_counts_failures_and_errors(self, folder: Path, fleet: str) -> None:
        suite = ET.fromstring((folder / "junit").read_text())

        assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "1")
        failures = {case.get("classname"): case.find("failure") for case in suite.iter("testcase")}
        failure = failures[f"{fleet}/rt302"]
        assert failure is not None
        assert failure.get("type") == "RT302"

    def test_sarif_points_at_the_line_that_names_the_image(self, folder: Path, names: str) -> None:
        (run,) = json.loads((folder / "sarif").read_text())["runs"]

        first = run["results"][0]
        assert (first["ruleId"], first["level"]) == ("RT302", "error")
        assert first["locations"][0]["physicalLocation"] == {
            "artifactLocation": {"uri": names}, "region": {"startLine": 2}
        }  # fmt: skip
        assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {
            result["ruleId"] for result in run["results"]
        }
        assert run["invocations"][0]["executionSuccessful"] is False

    def test_html_is_one_file(self, folder: Path) -> None:
        text = (folder / "html").read_text()

        assert text.startswith("<!doctype html>")
        assert "RT302" in text


def test_json_lines_on_standard_output_are_nothing_but_json(names: str) -> None:
    found = audit("--images", names, "--report", "jsonl")

    assert [json.loads(line)["kind"] for line in found.out.splitlines()] == ["list", "list", "list", "unknown"]


def test_parts_of_a_run_are_merged_to_the_whole(names: str, tmp_path: Path) -> None:
    parts = [tmp_path / f"part-{number}" for number in (1, 2)]
    for number, part in enumerate(parts, 1):
        audit("--images", names, "--shard", f"{number}/2", "--report", f"jsonl={part}")

    merged = audit("--merge", *map(str, parts), "-o", "json")
    whole = audit("--images", names, "-o", "json")

    assert merged.code == whole.code == 14
    assert merged.json["summary"] == whole.json["summary"]
    by_name = {name["reference"]: name for name in merged.json["names"]}
    assert by_name == {name["reference"]: name for name in whole.json["names"]}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "there is nothing to look at"),
        (["x:1", "--report", "xml"], "--report xml: names no form of a report; forms are json, jsonl"),
        (["x:1", "--report", "csv", "--report", "html"], "csv and html: both want standard output"),
        (["x:1", "--report", "csv=/nowhere/at/all"], "/nowhere/at/all: cannot be written: there is no directory"),
        (["x:1", "--select", "RT9"], "RT9: is no rule"),
        (["x:1", "--shallow", "--deep"], "contradict each other"),
        (["x", "--semver", "new"], "not a range of versions"),
        (["x", "--shard", "9/8"], "is no part of a whole"),
        (["x:1", "--exact"], "--exact: needs to know the platforms"),
        (["--images", "/nowhere/at/all"], "/nowhere/at/all: cannot be read"),
        (["--merge"], "--merge: names no file"),
        (["--dockerfile", "-"], "there is nothing to look at"),
        (["x:1", "--policy", "/nowhere.toml"], "/nowhere.toml: is not there"),
    ],
)
def test_wrong_words_get_one_line(words: list[str], says: str) -> None:
    found = audit(*words)

    assert found.code in (2, 13)
    assert says in found.err
    assert found.err.count("\n") == 1
    assert found.out == ""


def test_lines_of_others_are_not_merged(tmp_path: Path) -> None:
    (tmp_path / "part").write_text('{"reference": "x"}\n')

    found = audit("--merge", str(tmp_path / "part"))

    assert found.code == 2
    assert "part:1: is no line of an audit" in found.err


def test_a_dockerfile_is_asked_whether_it_builds(debian_registry: RunningRegistry, fleet: str, tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(f"ARG TAG=1.0\nFROM {fleet}/app:${{TAG}} AS build\nFROM --platform=linux/amd64 {fleet}/app:1.0\n")

    builds = audit("--dockerfile", str(file), "--require", "linux/amd64,linux/arm64", "-o", "json")
    does_not = audit("--dockerfile", str(file), "--require", "linux/amd64,linux/s390x", "-o", "json")

    assert builds.code == 0
    assert does_not.code == 9
    assert [name["source"] for name in does_not.json["names"] if name["findings"]] == [f"{file}:2"]


def test_text_of_a_registry_cannot_move_the_cursor(
    debian_registry: RunningRegistry, fleet: str, tmp_path: Path
) -> None:
    lines = tmp_path / "part"
    assert audit(f"{fleet}/rt302:1.0", "--report", f"jsonl={lines}").code == 9
    lines.write_text(lines.read_text().replace("is an image", "\\u001b[2J\\u202eis an image"))

    for form in ("csv", "markdown", "junit"):
        assert "\x1b" not in audit("--merge", str(lines), "--report", form).out
    assert "\x1b" not in audit("--merge", str(lines)).out
