"""The commands as a user runs them: the two streams, the exit codes, the words."""

import pytest

from tests.cli.program import regtool
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry

DIGEST = "sha256:61b970f7294322127f707c012f61694f3640dd55f5d6422bcbc704f7af07b2e7"
OLDER = "sha256:5514d380f72a105a583c0f538077e48ddf5f8c4d2fdf6571af77fe1ae4639437"


@pytest.fixture
def name(registry: RunningRegistry, repository: str) -> str:
    registry.push("amd64.attested.oci.tar", repository, "1.0-x86_64")
    registry.push("arm64.attested.oci.tar", repository, "1.0-aarch64")
    return f"{registry.host}/{repository}"


def create(name: str, *words: str) -> tuple[str, ...]:
    return ("create", f"{name}:1.0", f"{name}:1.0-x86_64", f"{name}:1.0-aarch64", *words)


class TestCreate:
    def test_standard_output_is_the_list_by_digest_alone(self, name: str) -> None:
        done = regtool(*create(name))

        assert (done.code, done.out) == (0, f"{name}@{DIGEST}\n")
        assert f"{name}:1.0 is now {DIGEST} (read back)" in done.err

    def test_a_second_run_says_that_there_is_nothing_to_do(self, name: str) -> None:
        regtool(*create(name))
        again = regtool(*create(name))

        assert (again.code, again.out) == (0, f"{name}@{DIGEST}\n")
        assert "nothing to do: 1.0 already at this digest" in again.err

    def test_the_way_back_is_a_command_that_works(self, name: str) -> None:
        regtool("tag", f"{name}:1.0-x86_64", "1.0")
        done = regtool(*create(name))
        (way_back,) = [line.partition("back with: ")[2] for line in done.err.splitlines() if "back with" in line]

        assert way_back == f"regtool tag {name}@{OLDER} 1.0 --allow-shrink"
        assert regtool(*way_back.split()[1:]).code == 0
        assert regtool("resolve", f"{name}:1.0").out == f"{OLDER}\n"

    def test_a_dry_run_shows_the_difference_and_writes_nothing(self, name: str) -> None:
        regtool("tag", f"{name}:1.0-x86_64", "1.0")
        done = regtool(*create(name, "--dry-run"))

        assert done.code == 0
        assert "+  linux/arm64" in done.err
        assert regtool("resolve", f"{name}:1.0").out == f"{OLDER}\n"

    def test_json_says_everything(self, name: str) -> None:
        said = regtool(*create(name, "--dry-run", "--output", "json")).json

        assert (said["digest"], said["changed"], said["dryRun"]) == (DIGEST, True, True)
        assert [row["platform"] for row in said["platforms"]] == ["linux/amd64", "linux/arm64"]
        assert said["tags"] == [{"reference": f"{name}:1.0", "was": None, "now": DIGEST, "changes": True}]

    def test_quiet_says_nothing_but_the_result(self, name: str) -> None:
        assert regtool(*create(name, "--quiet")).err == ""

    def test_annotations_reach_the_index(self, name: str) -> None:
        regtool(*create(name, "--annotation", "org.opencontainers.image.title=A=B"))

        assert b'"org.opencontainers.image.title": "A=B"' in skopeo_inspect_raw(f"{name}:1.0")


class TestInspect:
    def test_shows_a_row_for_each_platform_and_folds_attestations(self, name: str) -> None:
        regtool(*create(name))
        done = regtool("inspect", f"{name}:1.0")

        rows = [line.split()[0] for line in done.out.split("\n\n")[1].splitlines()]
        assert rows == ["PLATFORM", "linux/amd64", "+", "linux/arm64", "+"]
        assert f"Digest  {DIGEST}" in done.out

    def test_raw_is_the_exact_bytes(self, name: str) -> None:
        regtool(*create(name))

        assert regtool("inspect", f"{name}:1.0", "--raw").out.encode() == skopeo_inspect_raw(f"{name}:1.0")

    def test_json_of_one_platform_has_its_configuration(self, name: str) -> None:
        said = regtool("inspect", f"{name}:1.0-aarch64", "--platform", "arm64v8", "--output", "json").json

        assert said["platform"] == "linux/arm64"
        assert said["config"]["config"]["Labels"]["org.opencontainers.image.version"] == "1.0"

    def test_json_tells_the_size_of_the_manifest_from_that_of_the_image(self, name: str) -> None:
        (row,) = regtool("inspect", f"{name}:1.0-aarch64", "--output", "json").json["platforms"]
        alone = regtool("inspect", f"{name}:1.0-aarch64", "--platform", "arm64", "--output", "json").json

        assert (row["size"], row["imageSize"]) == (alone["size"], alone["imageSize"]) == (477, 1403)


def test_ls_lists_one_tag_a_line(name: str) -> None:
    assert sorted(regtool("ls", name).out.splitlines()) == ["1.0-aarch64", "1.0-x86_64"]


def test_ls_with_platforms_as_json(name: str) -> None:
    said = regtool("ls", name, "--platforms", "--output", "json").json

    assert {row["tag"]: row["platforms"] for row in said["tags"]} == {
        "1.0-aarch64": ["linux/arm64"],
        "1.0-x86_64": ["linux/amd64"],
    }


def test_verbose_shows_each_request_with_its_time(name: str) -> None:
    done = regtool("resolve", f"{name}:1.0-x86_64", "--verbose")

    assert "HEAD http://" in done.err
    assert " ms" in done.err


class TestWrongOnPurpose:
    """One line on standard error, starting with the program's name, and an exit code of its own."""

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (["create"], 2, "names no target"),
            (["create", "localhost:1/a:1"], 2, "no source to merge"),
            (["create", "localhost:1/a:1", "localhost:1/A:2"], 2, "names are lower case: a"),
            (["create", "localhost:1/a:1", "localhost:1/a:2=lunix"], 6, "localhost:1"),
            (["create", "localhost:1/a:1", "localhost:1/a:2", "--annotation", "x"], 2, "write it as KEY=VALUE"),
            (["create", "localhost:1/a:1", "localhost:1/a:2", "--platform", "linux"], 2, "names a system but no arch"),
            (["creat"], 2, "Did you mean 'create'"),
            (["create", "--tpye", "oci"], 2, "--type"),
            (["inspect", "https://localhost:1/a"], 2, "which is no image reference; write localhost:1/a"),
            (["inspect", "localhost:1/a:1"], 6, "connection refused"),
            (["resolve", "localhost:1/a@sha256:12"], 2, "sha256 takes 64 lower-case hex digits"),
            (["tag", "localhost:1/a:1", ".x"], 2, ".x: not a tag"),
        ],
    )
    def test_words_that_make_no_sense(self, words: list[str], code: int, said: str) -> None:
        done = regtool(*words)

        assert (done.code, done.out) == (code, "")
        assert said in done.err
        assert done.err.startswith("regtool: ")
        assert done.err.count("\n") == 1

    def test_a_tag_that_is_missing(self, name: str) -> None:
        done = regtool("inspect", f"{name}:nope")

        assert done.code == 3
        assert f"{name}:nope" in done.err
        assert f"`regtool ls {name}`" in done.err

    def test_an_error_is_json_too_if_the_result_would_be(self, name: str) -> None:
        said = regtool("resolve", f"{name}:nope", "--output", "json").json

        assert (said["error"]["code"], said["error"]["exitCode"]) == ("not-found", 3)

    @pytest.mark.parametrize("form", [("--output", "json"), ("-o", "json"), ("--output=json",), ("-ojson",)])
    def test_so_are_words_that_cannot_be_read(self, form: tuple[str, ...]) -> None:
        said = regtool("resolve", *form, "--nope").json

        assert (said["error"]["code"], said["error"]["exitCode"]) == ("usage", 2)
        assert "--nope" in said["error"]["message"]

    @pytest.mark.parametrize("time", ["0", "-1", "nan", "inf", "soon"])
    def test_a_timeout_is_a_time(self, time: str) -> None:
        done = regtool("resolve", "localhost:1/app", f"--timeout={time}")

        assert done.code == 2
        assert "write it as 90s" in done.err

    def test_the_reader_of_our_output_may_leave(self, name: str) -> None:
        import subprocess
        import sys

        pipe = f"{sys.executable} -m regtool ls {name} | true; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, check=True)

        assert (done.stdout, done.stderr) == ("0\n", "")
