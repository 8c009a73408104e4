"""`regtool create` as the step of a pipeline: its inputs, its words, its files, its exit codes."""

import json
from pathlib import Path

import pytest

from tests.cli.program import regtool
from tests.images import push_image
from tests.judges import skopeo_inspect_raw
from tests.registries import FIXTURES, RunningRegistry

DIGEST = "sha256:61b970f7294322127f707c012f61694f3640dd55f5d6422bcbc704f7af07b2e7"
AMD64 = "sha256:5514d380f72a105a583c0f538077e48ddf5f8c4d2fdf6571af77fe1ae4639437"


@pytest.fixture
def name(embedded_registry: RunningRegistry, repository: str) -> str:
    embedded_registry.push("amd64.attested.oci.tar", repository, "1.0-x86_64")
    embedded_registry.push("arm64.attested.oci.tar", repository, "1.0-aarch64")
    return f"{embedded_registry.host}/{repository}"


class TestInputs:
    def test_architectures_for_tags(self, name: str) -> None:
        done = regtool("create", f"{name}:1.0", "--arch-tags", "x86_64,aarch64", "--expect", "amd64,arm64")

        assert (done.code, done.out) == (0, f"{name}@{DIGEST}\n")

    def test_metadata_of_builds(self, name: str, tmp_path: Path) -> None:
        files = []
        for architecture in ("amd64", "arm64"):
            written = json.loads((FIXTURES / "buildx" / f"{architecture}.attested.metadata.json").read_text())
            files.append(tmp_path / f"{architecture}.json")
            files[-1].write_text(json.dumps(written | {"image.name": f"{name}:whatever"}))
        words = [word for file in files for word in ("--metadata", str(file))]
        done = regtool("create", f"{name}:1.0", *words)

        assert (done.code, done.out) == (0, f"{name}@{DIGEST}\n")

    def test_the_recipe_of_docker_s_own_pages(self, name: str, tmp_path: Path) -> None:
        for source in ("1.0-x86_64", "1.0-aarch64"):
            (tmp_path / regtool("resolve", f"{name}:{source}").out.strip().removeprefix("sha256:")).touch()
        action = {"tags": [f"{name}:1.0", f"{name}-mirror:1.0"], "annotations": ["index:a=b", "manifest:c=d"]}
        done = regtool(
            "create",
            "--from-metadata-action",
            "--digests",
            str(tmp_path),
            DOCKER_METADATA_OUTPUT_JSON=json.dumps(action),
        )

        assert done.code == 0
        assert json.loads(skopeo_inspect_raw(f"{name}-mirror:1.0"))["annotations"] == {"a": "b"}
        assert (
            "note: annotations of $DOCKER_METADATA_OUTPUT_JSON that are not for the index are not used: 1\n" in done.err
        )

    def test_a_list_on_standard_input(self, name: str) -> None:
        done = regtool("create", f"{name}:1.0", "-", stdin=f"{name}:1.0-x86_64\n{name}:1.0-aarch64\n")

        assert (done.code, done.out) == (0, f"{name}@{DIGEST}\n")


class TestWaiting:
    def test_it_ends_with_its_own_code_and_says_who_is_missing(self, name: str) -> None:
        done = regtool("create", f"{name}:1.0", "--arch-tags", "x86_64,s390x", "--wait", "1s")

        assert done.code == 10
        assert f"waiting 1s at most for {name}:1.0-s390x" in done.err
        assert f"{name}:1.0-s390x: not there after 1s" in done.err


class TestTelling:
    def test_files_for_later_steps(self, name: str, tmp_path: Path) -> None:
        metadata, dotenv = tmp_path / "metadata.json", tmp_path / "build.env"
        regtool("create", f"{name}:1.0", "--arch-tags", "x86_64,aarch64", "--metadata-file", str(metadata),
                "--dotenv", str(dotenv))  # fmt: skip

        assert json.loads(metadata.read_text())["containerimage.digest"] == DIGEST
        assert f"REGTOOL_REFERENCE={name}@{DIGEST}" in dotenv.read_text().splitlines()

    def test_what_was_written_can_be_merged_again(self, name: str, tmp_path: Path) -> None:
        metadata = str(tmp_path / "metadata.json")
        regtool("create", f"{name}:1.0", "--arch-tags", "x86_64,aarch64", "--metadata-file", metadata)

        assert regtool("create", f"{name}:2.0", "--metadata", metadata).out == f"{name}@{DIGEST}\n"

    def test_github_gets_outputs_and_a_summary(self, name: str, tmp_path: Path) -> None:
        there = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
        regtool("create", f"{name}:1.0", "--arch-tags", "x86_64,aarch64", GITHUB_ACTIONS="true", **there)

        assert f"\n{DIGEST}\n" in (tmp_path / "output").read_text()
        assert f"| `{name}:1.0` | linux/amd64, linux/arm64 |" in (tmp_path / "summary").read_text()

    def test_a_dry_run_tells_nobody(self, name: str, tmp_path: Path) -> None:
        output = tmp_path / "output"
        regtool("create", f"{name}:1.0", "--arch-tags", "x86_64", "--dry-run", "--dotenv", str(tmp_path / "env"),
                GITHUB_ACTIONS="true", GITHUB_OUTPUT=str(output))  # fmt: skip

        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_cannot_be_written_stops_it_before_anything_is(self, name: str, tmp_path: Path) -> None:
        done = regtool("create", f"{name}:1.0", "--arch-tags", "x86_64", "--dotenv", str(tmp_path / "no" / "env"))

        assert done.code == 2
        assert "mkdir -p" in done.err
        assert regtool("resolve", f"{name}:1.0").code == 3

    def test_an_error_is_an_annotation_on_github(self, name: str) -> None:
        done = regtool("create", f"{name}:1.0", f"{name}:nope", GITHUB_ACTIONS="true")

        assert done.code == 3
        assert done.err.startswith(f"::error title=regtool::{name}:nope: ")


class TestGuards:
    def test_a_lost_platform_is_refused_in_one_line(self, name: str) -> None:
        regtool("create", f"{name}:1.0", "--arch-tags", "x86_64,aarch64")
        done = regtool("create", f"{name}:1.0", "--arch-tags", "x86_64")

        assert (done.code, done.out) == (7, "")
        assert done.err == (
            f"regtool: {name}:1.0: would lose linux/arm64, which it has now; add the missing image, "
            "keep what is there with --append, or give --allow-shrink\n"
        )

    def test_a_registry_that_wants_other_credentials_stops_all_of_it(
        self, name: str, htpasswd_registry: RunningRegistry
    ) -> None:
        elsewhere = f"{htpasswd_registry.host}/app:1.0"
        done = regtool("create", f"{name}:1.0", "-t", elsewhere, "--arch-tags", "x86_64", "--output", "json")

        assert (done.code, done.json["error"]["code"]) == (4, "denied")
        assert regtool("resolve", f"{name}:1.0").code == 3

    def test_a_lost_race_has_a_word_of_its_own(self, name: str) -> None:
        regtool("create", f"{name}:1.0", "--arch-tags", "x86_64")
        done = regtool("create", f"{name}:1.0", "--arch-tags", "aarch64", "--if-digest", "absent", "-o", "json")

        assert (done.code, done.json["error"]["code"]) == (7, "moved")

    def test_the_new_leg_is_added_and_undo_takes_it_back(
        self, embedded_registry: RunningRegistry, repository: str, name: str
    ) -> None:
        before = regtool("create", f"{name}:1.0", "--arch-tags", "x86_64,aarch64").out
        leg = push_image(embedded_registry, repository, "1.0-s390x", config={"architecture": "s390x"})
        added = regtool("create", f"{name}:1.0", f"{name}:1.0-s390x", "--append", "--delete-sources", "-o", "json")
        assert f"removed the tag {name}:1.0-s390x; " in added.err
        assert added.json["removed"] == [{"reference": f"{name}:1.0-s390x", "was": leg}]

        assert regtool("undo", f"{name}:1.0", "--yes").code == 0
        assert regtool("resolve", f"{name}:1.0").out.strip() == before.strip().rpartition("@")[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["localhost:1/a:1"], "no source to merge"),
        (["localhost:1/a:1", "x", "--wait", "soon"], "not a length of time"),
        (["localhost:1/a:1", "x", "--if-digest", "12"], "not a digest"),
        (["localhost:1/a:1", "x", "--expect", "linux"], "names a system but no arch"),
        (["localhost:1/a:1", "x", "--expect", "amd64,"], "an empty platform"),
        (["localhost:1/a:1", "x", "--same-revision", "--allow-mixed-revisions"], "contradicts"),
        (["localhost:1/a:1", "x", "--append", "--if-digest", "absent"], "is not for --append"),
        (["localhost:1/a:1", "x", "-t", "localhost:1/b@sha256:12"], "64 lower-case hex digits"),
        (["localhost:1/a:1", "--digests", "nowhere"], "no such directory"),
        (["localhost:1/a:1", "--metadata", "nowhere"], "no such file"),
        (["localhost:1/a:1", "@nowhere"], "no such file"),
        (["--from-metadata-action", "x"], "is not set"),
        (["localhost:1/a:1", "--arch-tags", "x", "--arch-tag-pattern", "y"], "is the same for all architectures"),
    ],
)
def test_words_that_make_no_sense(words: list[str], said: str) -> None:
    done = regtool("create", *words)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
