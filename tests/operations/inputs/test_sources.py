"""Lists, patterns, and everything together."""

from pathlib import Path

import pytest

from regtool.errors import UsageError
from regtool.model.reference import Reference, Repository
from regtool.operations.inputs.arch_tags import arch_tags
from regtool.operations.inputs.source_list import expand_lists
from regtool.operations.inputs.sources import SourceInputs

TARGET = Reference.parse("localhost:5000/app:1.0")
HEX = "a" * 64


class TestLists:
    def test_a_file_has_a_source_in_a_line_and_remarks(self, tmp_path: Path) -> None:
        file = tmp_path / "sources"
        file.write_text("# built at night\nlocalhost/a:1  # x86\n\n  localhost/b:1=linux/arm64\r\nc:1 d:1\n")

        assert expand_lists(["x:1", f"@{file}", "y:1"]) == [
            "x:1",
            "localhost/a:1",
            "localhost/b:1=linux/arm64",
            "c:1",
            "d:1",
            "y:1",
        ]

    @pytest.mark.parametrize(
        ("content", "why"), [(b"", "is empty"), (b"# nothing\n", "is empty"), (b"\xff\xfe", "is not text in UTF-8")]
    )
    def test_a_list_of_nothing_is_refused(self, tmp_path: Path, content: bytes, why: str) -> None:
        (tmp_path / "sources").write_bytes(content)

        with pytest.raises(UsageError, match=why):
            expand_lists([f"@{tmp_path / 'sources'}"])

    def test_no_file_is_refused(self) -> None:
        with pytest.raises(UsageError, match="@: names no file"):
            expand_lists(["@"])


class TestArchTags:
    @pytest.mark.parametrize(
        ("pattern", "found"),
        [
            ("{tag}-{arch}", "localhost:5000/app:1.0-x86_64"),
            ("{arch}", "localhost:5000/app:x86_64"),
            ("{repository}-{arch}:{tag}", "localhost:5000/app-x86_64:1.0"),
            ("ghcr.io/demo/{arch}:{tag}", "ghcr.io/demo/x86_64:1.0"),
        ],
    )
    def test_a_pattern_makes_a_tag_or_a_reference(self, pattern: str, found: str) -> None:
        assert list(map(str, arch_tags(TARGET, "x86_64", pattern))) == [found]

    def test_each_architecture_gives_one_source_in_its_order(self) -> None:
        assert [str(one.tag) for one in arch_tags(TARGET, "x86_64, aarch64,x86_64")] == ["1.0-x86_64", "1.0-aarch64"]

    @pytest.mark.parametrize(
        ("architectures", "pattern", "why"),
        [
            ("x86_64,", "{tag}-{arch}", "an empty architecture"),
            ("x86_64", "{tag}", "is the same for all architectures"),
            ("x86_64", "{arch}-{os}", r"\{os\} is not known"),
            ("x86 64", "{tag}-{arch}", "not a tag"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, architectures: str, pattern: str, why: str) -> None:
        with pytest.raises(UsageError, match=why):
            arch_tags(TARGET, architectures, pattern)


class TestTogether:
    def test_everything_named_is_one_list_and_each_source_is_in_it_once(self, tmp_path: Path) -> None:
        (tmp_path / HEX).touch()
        inputs = SourceInputs(
            words=("localhost:5000/app:1.0-x86_64", f"sha256:{HEX}"), digests=(str(tmp_path),), arch_tags="x86_64,arm64"
        )

        assert [str(spec.reference) for spec in inputs.gather(TARGET)] == [
            "localhost:5000/app:1.0-x86_64",
            f"localhost:5000/app@sha256:{HEX}",
            "localhost:5000/app:1.0-arm64",
        ]

    def test_digests_may_be_elsewhere_than_the_target(self, tmp_path: Path) -> None:
        (tmp_path / HEX).touch()
        (found,) = SourceInputs(digests=(str(tmp_path),)).gather(TARGET, Repository("ghcr.io", "demo/builds"))

        assert str(found.reference) == f"ghcr.io/demo/builds@sha256:{HEX}"

    @pytest.mark.parametrize(
        ("inputs", "why"),
        [
            (SourceInputs(words=("a:1",), bake_targets=("app",)), "--metadata, which is not given"),
            (SourceInputs(words=("a:1",), arch_tag_pattern="{arch}"), "--arch-tags, which is not given"),
            (SourceInputs(words=("-",), metadata=("-",)), "standard input can be read once"),
        ],
    )
    def test_an_option_without_its_other_half_is_refused(self, inputs: SourceInputs, why: str) -> None:
        with pytest.raises(UsageError, match=why):
            inputs.gather(TARGET)
