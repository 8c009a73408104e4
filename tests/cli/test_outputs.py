"""What pipelines read: each form by the rules of the system that reads it."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtool.cli.outputs import github, github_files
from regtool.cli.outputs.facts import Facts
from regtool.cli.outputs.files import append_file, replace_file, require_writable
from regtool.cli.outputs.gitlab import LARGEST, dotenv_text
from regtool.cli.outputs.metadata_file import metadata_text
from regtool.errors import StorageError, UsageError

DIGEST = "sha256:" + "a" * 64


def facts(tags: tuple[str, ...] = ("localhost/app:1.0",), platforms: tuple[str, ...] = ("linux/amd64",)) -> Facts:
    return Facts(DIGEST, f"localhost/app@{DIGEST}", "application/x", 42, tags, platforms, changed=True)


def as_runner_reads(text: str) -> dict[str, str]:
    """The outputs as the runner parses them: `name<<end`, lines, `end`."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, end = line.split("<<")
        value = []
        while (following := next(lines)) != end:
            value.append(following)
        found[name] = "\n".join(value)
    return found


class TestGitHub:
    def test_outputs_are_what_the_runner_reads(self) -> None:
        found = as_runner_reads(github_files.outputs_text(facts(("localhost/app:1.0", "localhost/app:latest"))))

        assert found == {
            "digest": DIGEST,
            "reference": f"localhost/app@{DIGEST}",
            "tags": "localhost/app:1.0\nlocalhost/app:latest",
            "platforms": "linux/amd64",
            "changed": "true",
        }

    def test_every_end_is_a_word_that_nobody_can_guess(self) -> None:
        text = github_files.outputs_text(facts()) + github_files.outputs_text(facts())
        ends = re.findall(r"<<(end_[0-9a-f]{32})\n", text)

        assert len(set(ends)) == len(ends) == 10

    def test_the_summary_is_a_table_that_no_text_breaks(self) -> None:
        text = github_files.summary_text(facts(("a|b`c\n<img>",), ("linux/amd64", "linux/arm64")))
        rows = [line for line in text.splitlines() if line.startswith("|")]

        assert rows[2] == r"| `a\|b'c\x0a&lt;img>` | linux/amd64, linux/arm64 |"

    def test_an_error_is_one_line(self) -> None:
        assert github.error("50% of\r\nit", "a:b,c") == "::error title=a%3Ab%2Cc::50%25 of%0D%0Ait"

    @given(st.text(alphabet=":#[ \nae", max_size=20))
    def test_no_line_of_text_is_a_command(self, text: str) -> None:
        for line in github.harmless(text).splitlines():
            assert not line.lstrip().startswith("::")
            assert "##[" not in line

    def test_plain_text_stays_as_it_is(self) -> None:
        text = "localhost:5000/app:1.0 is now sha256:1\n  linux/amd64  from [::1]:5000/app # x"

        assert github.harmless(text) == text

    def test_nothing_is_written_where_no_file_is_named(self, tmp_path: Path) -> None:
        github_files.write(facts(), {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": ""})

        assert [path.name for path in tmp_path.iterdir()] == ["output"]

    @pytest.mark.parametrize(("value", "running"), [("true", True), ("false", False), ("", False), (None, False)])
    def test_a_workflow_is_known_by_its_variable(self, value: str | None, running: bool) -> None:
        assert github.is_running({} if value is None else {"GITHUB_ACTIONS": value}) is running


class TestGitLab:
    def test_there_are_only_plain_lines(self) -> None:
        lines = dotenv_text(facts(("localhost/app:1.0", "localhost/app:latest"))).splitlines()

        assert all(re.fullmatch(r"REGTOOL_[A-Z]+=[^\s\"'#]*( [^\s\"'#]+)*", line) for line in lines)
        assert lines[-1] == "REGTOOL_TAGS=localhost/app:1.0 localhost/app:latest"

    def test_of_too_many_tags_the_first_ones_are_named(self) -> None:
        text = dotenv_text(facts(tuple(f"localhost/{'x' * 200}:{number}" for number in range(100))))

        assert LARGEST - 250 < len(text.encode()) <= LARGEST
        assert text.endswith("\n")
        assert re.search(r":\d+\n$", text)


class TestMetadataFile:
    def test_has_the_keys_of_imagetools_and_of_builds(self) -> None:
        written = json.loads(metadata_text(facts(("localhost/app:1.0", "localhost/app:2", "[::1]:5000/b:1"))))

        assert written["containerimage.descriptor"] == {"mediaType": "application/x", "digest": DIGEST, "size": 42}
        assert written["containerimage.digest"] == DIGEST
        assert written["image.name"] == "localhost/app,[::1]:5000/b"
        assert list(written) == sorted(written)


class TestFiles:
    def test_a_file_is_replaced_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_text("what was there before, and longer")
        replace_file(path, "new", "--dotenv")

        assert path.read_text() == "new"
        assert list(tmp_path.iterdir()) == [path]

    def test_appending_keeps_what_is_there(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("a=b\n")
        append_file(tmp_path / "file", "c=d\n", "$GITHUB_OUTPUT")

        assert (tmp_path / "file").read_text() == "a=b\nc=d\n"

    def test_what_cannot_be_written_is_known_before(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="is a directory"):
            require_writable(tmp_path, "--dotenv")
        with pytest.raises(UsageError, match=r"its directory does not exist; make it: mkdir -p"):
            require_writable(tmp_path / "a" / "b", "--dotenv")
        require_writable(tmp_path / "new", "--dotenv")

    @pytest.mark.parametrize("write", [replace_file, append_file])
    def test_a_failure_says_that_the_tags_are_published(self, tmp_path: Path, write: type) -> None:
        with pytest.raises(StorageError, match="No such file or directory, but the tags are published"):
            write(tmp_path / "a" / "b", "x", "--dotenv")
