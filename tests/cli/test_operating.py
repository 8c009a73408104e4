"""The operator's commands as a person runs them: what they show first, what they ask, and what they leave alone."""

import json
import sys
from pathlib import Path

import pytest

from tests.cli.program import Outcome, on_terminal, regtool
from tests.images import push_image
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry


class Operator:
    """Somebody with a journal of their own, and a repository with a list of two images under 1.0."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.environment = {"XDG_STATE_HOME": str(folder)}
        self("create", f"{name}:1.0", f"{name}:1.0-x86_64", f"{name}:1.0-aarch64")

    def __call__(self, *words: str, stdin: str = "") -> Outcome:
        return regtool(*words, stdin=stdin, **self.environment)

    def asked(self, *words: str, answer: str) -> Outcome:
        return on_terminal([sys.executable, "-m", "regtool", *words], "[y/N]", answer, environment=self.environment)

    @property
    def digest(self) -> str:
        return self("resolve", f"{self.name}:1.0").out.strip()


@pytest.fixture
def operator(registry: RunningRegistry, repository: str, tmp_path: Path) -> Operator:
    registry.push("amd64.attested.oci.tar", repository, "1.0-x86_64")
    registry.push("arm64.attested.oci.tar", repository, "1.0-aarch64")
    return Operator(f"{registry.host}/{repository}", tmp_path)


# command -> words behind `NAME:1.0` that change or delete something
ASKING = {"edit": ["--remove", "linux/amd64"], "rm": ["--dummy"], "undo": ["--dummy"]}


@pytest.mark.parametrize("command", ASKING)
class TestAsking:
    def test_where_nobody_can_answer_it_wants_yes(self, command: str, operator: Operator) -> None:
        before = operator.digest
        done = operator(command, f"{operator.name}:1.0", *ASKING[command])

        assert (done.code, done.out) == (2, "")
        assert "nobody is there to confirm this; add --yes, or see what it would do with --dry-run" in done.err
        assert operator.digest == before

    def test_on_a_terminal_no_means_no(self, command: str, operator: Operator) -> None:
        before = operator.digest
        done = operator.asked(command, f"{operator.name}:1.0", *ASKING[command], answer="n")

        assert done.code == 2
        assert f"{operator.name}:1.0" in done.out
        assert "not confirmed, so nothing was changed" in done.out
        assert operator.digest == before

    def test_on_a_terminal_yes_means_yes(self, command: str, operator: Operator) -> None:
        before = operator.digest
        done = operator.asked(command, f"{operator.name}:1.0", *ASKING[command], answer="y")

        assert done.code == 0, done.out
        assert operator.digest != before

    def test_a_dry_run_shows_the_same_plan_and_changes_nothing(self, command: str, operator: Operator) -> None:
        before = operator.digest
        dry = operator(command, f"{operator.name}:1.0", *ASKING[command], "--dry-run")
        done = operator(command, f"{operator.name}:1.0", *ASKING[command], "--yes")

        assert (dry.code, done.code) == (0, 0)
        assert done.err.startswith(dry.err)
        assert f"{operator.name}:1.0" in dry.err
        assert before != operator.digest


class TestEdit:
    def test_shows_what_changes_by_platform(self, operator: Operator) -> None:
        done = operator("edit", f"{operator.name}:1.0", "--remove", "amd64", "--dry-run")

        assert done.err.splitlines()[0].startswith(f"~ {operator.name}:1.0: sha256:")
        assert "-  linux/amd64  sha256:1115d608498d -> -  removed" in done.err
        assert done.out.startswith(f"{operator.name}@sha256:")

    def test_shows_annotations_that_change(self, operator: Operator) -> None:
        words = ("edit", f"{operator.name}:1.0", "--annotation", "a=b", "--annotation", "[arm64]c=d", "--dry-run")
        shown = operator(*words).err

        assert "+  annotation a                 - -> b  added" in shown
        assert "+  annotation c of linux/arm64  - -> d  added" in shown
        assert operator(*words, "-o", "json").json["remarks"][0] == {
            "what": "annotation a", "change": "added", "before": None, "after": "b"
        }  # fmt: skip

    def test_that_changes_nothing_says_so_and_asks_nothing(self, operator: Operator) -> None:
        done = operator("edit", f"{operator.name}:1.0", "--append", f"{operator.name}:1.0-x86_64")

        assert done.code == 0
        assert "nothing to do: the list is as wanted already" in done.err

    def test_json_has_the_changes(self, operator: Operator) -> None:
        words = ("edit", f"{operator.name}:1.0", "--remove", "amd64", "--dry-run", "-o", "json")
        said = operator(*words).json

        assert said["dryRun"] is True
        assert [(one["platform"], one["change"]) for one in said["changes"]] == [
            ("linux/amd64", "removed"),
            ("linux/arm64", "same"),
        ]
        assert said["tags"][0]["reference"] == f"{operator.name}:1.0"

    def test_the_old_list_can_be_pinned(self, operator: Operator) -> None:
        before = skopeo_inspect_raw(f"{operator.name}:1.0")
        done = operator("edit", f"{operator.name}:1.0", "--remove", "amd64", "--keep-old", "{tag}-old", "--yes")

        assert done.code == 0
        assert skopeo_inspect_raw(f"{operator.name}:1.0-old") == before


def test_create_can_pin_what_the_tag_was(operator: Operator) -> None:
    before = skopeo_inspect_raw(f"{operator.name}:1.0")
    words = (f"{operator.name}:1.0", f"{operator.name}:1.0-x86_64", "--allow-shrink", "--keep-old", "before")
    assert operator("create", *words).code == 0

    assert skopeo_inspect_raw(f"{operator.name}:before") == before
    assert skopeo_inspect_raw(f"{operator.name}:1.0") != before


def test_a_name_to_pin_that_is_no_tag_is_told_with_its_option(operator: Operator) -> None:
    words = (f"{operator.name}:1.0", f"{operator.name}:1.0-x86_64", "--allow-shrink", "--keep-old", "old-{name}")
    done = operator("create", *words)

    assert done.code == 2
    assert "regtool: --keep-old old-{name}: makes old-{name}, which is not a tag" in done.err


class TestUndo:
    def test_takes_back_the_last_command_with_all_its_tags(self, operator: Operator) -> None:
        before = operator.digest
        operator("tag", f"{operator.name}:1.0-x86_64", "1.0", "2.0", "--allow-shrink")
        done = operator("undo", "--yes", "--dummy")

        assert done.code == 0, done.err
        assert f"takes back `regtool tag {operator.name}:1.0-x86_64 1.0 2.0 --allow-shrink` of 20" in done.err
        assert operator.digest == before
        assert operator("resolve", f"{operator.name}:2.0").code == 3

    def test_says_when_there_is_nothing_to_take_back(self, operator: Operator) -> None:
        done = operator("undo", f"{operator.name}:1.0-x86_64", "--yes")

        assert done.code == 3
        assert "no move of this tag is recorded here that could be taken back" in done.err

    def test_history_shows_the_moves_with_their_commands(self, operator: Operator) -> None:
        operator("tag", f"{operator.name}:1.0-x86_64", "1.0", "--allow-shrink")
        shown = operator("history", f"{operator.name}:1.0").out.splitlines()
        listed = operator("history", f"{operator.name}:1.0", "-o", "json").json

        assert len(shown) == len(listed) == 2
        assert f"regtool tag {operator.name}:1.0-x86_64 1.0 --allow-shrink" in shown[0]
        assert (listed[1]["was"], listed[0]["was"]) == (None, listed[1]["now"])

    def test_a_journal_that_cannot_be_written_does_not_stop_the_work(self, operator: Operator, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        operator.environment["XDG_STATE_HOME"] = str(tmp_path / "file")
        done = operator("tag", f"{operator.name}:1.0", "2.0")

        assert done.code == 0
        assert "note: this cannot be undone by `regtool undo`" in done.err


class TestRm:
    def test_names_what_still_needs_a_manifest_and_by_force_what_breaks(self, operator: Operator) -> None:
        arm = operator("resolve", f"{operator.name}:1.0", "--platform", "arm64").out.strip()
        refused = operator("rm", f"{operator.name}@{arm}", "--yes")
        forced = operator("rm", f"{operator.name}@{arm}", "--force", "--yes")

        assert refused.code == 7
        assert f"{operator.name}:1.0 lists it" in refused.err
        assert forced.code == 0
        assert f"! {operator.name}:1.0 lists it, and will break" in forced.err

    def test_wants_a_tag_to_be_said(self, operator: Operator) -> None:
        done = operator("rm", operator.name, "--yes")

        assert done.code == 2
        assert f"names neither tag nor digest; write it as {operator.name}:TAG" in done.err


class TestPrune:
    def test_shows_what_goes_and_how_much_stays(
        self, registry: RunningRegistry, repository: str, operator: Operator
    ) -> None:
        for day in (1, 2):
            made = {"created": f"2026-05-0{day}T00:00:00Z"}
            push_image(registry, repository, f"pr-{day}", config=made, layer=b"%d" % day)
        words = ("prune", operator.name, "--keep", "1", "--tags", "pr-*")
        dry, done = operator(*words, "--dry-run"), operator(*words, "--yes")

        assert "and with it pr-1" in dry.err
        assert "1 tag and 1 manifest to delete, 4 tags to keep" in dry.err
        assert done.err.startswith(dry.err)
        assert sorted(operator("ls", operator.name).out.split()) == ["1.0", "1.0-aarch64", "1.0-x86_64", "pr-2"]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ([], "nothing says what may go; give --untagged, --keep N or --older AGE"),
            (["--keep", "0"], "would keep no tag at all"),
            (["--older", "soon"], "soon: not a length of time"),
            (["--tags", "x*", "--untagged"], "says where to look, not what falls"),
        ],
    )
    def test_rules_that_say_nothing_are_refused(self, words: list[str], said: str) -> None:
        done = regtool("prune", "localhost:1/app", *words)

        assert done.code == 2
        assert said in done.err


class TestCatAndPut:
    def test_bytes_go_out_and_in_through_pipes(self, operator: Operator) -> None:
        content = operator("cat", f"{operator.name}:1.0").out
        done = operator("put", f"{operator.name}:copy", "-", stdin=content)

        assert done.code == 0, done.err
        assert skopeo_inspect_raw(f"{operator.name}:copy").decode() == content

    def test_a_blob_comes_back_as_it_was_stored(self, operator: Operator, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text("{}")
        stored = operator("put", operator.name, str(tmp_path / "config.json"), "--blob")

        assert operator("cat", stored.out.strip(), "--blob").out == "{}"

    def test_a_configuration_is_that_of_one_platform(self, operator: Operator) -> None:
        words = ("cat", f"{operator.name}:1.0", "--config")

        assert json.loads(operator(*words, "--platform", "aarch64").out)["architecture"] == "arm64"
        assert operator(*words).code == 2

    @pytest.mark.parametrize(("content", "said"), [("nonsense", "is not JSON"), ("{}", "is no manifest")])
    def test_what_is_no_manifest_is_named_by_its_file(self, content: str, said: str, tmp_path: Path) -> None:
        (tmp_path / "list.json").write_text(content)
        done = regtool("put", "localhost:1/app:1", str(tmp_path / "list.json"))

        assert done.code == 8
        assert f"regtool: {tmp_path / 'list.json'}: {said}" in done.err

    def test_a_file_that_is_not_there_is_an_error_of_this_machine(self) -> None:
        done = regtool("put", "localhost:1/app:1", "nowhere.json")

        assert (done.code, done.err) == (13, "regtool: nowhere.json: cannot be read: No such file or directory\n")
