"""Metadata files: those that builders wrote, and those that nobody should have to read."""

import json
from pathlib import Path
from typing import Any

import pytest

from regtool.errors import ContentError, UsageError
from regtool.model.reference import Repository
from regtool.operations.inputs.metadata import metadata_sources, read_metadata
from tests.registries import FIXTURES

BUILDX = FIXTURES / "buildx"
HOME = Repository("localhost:5000", "app")
AMD64, ARM64 = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def build(digest: str, name: str = "") -> dict[str, Any]:
    return {"containerimage.digest": digest, "image.name": name}


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(document: object) -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return str(path)

    return write


def sources(*files: str, targets: tuple[str, ...] = ()) -> list[str]:
    return [str(reference) for reference in metadata_sources(files, targets, HOME)]


class TestBuilds:
    @pytest.mark.parametrize("kind", ["oci", "attested", "push-by-digest"])
    def test_every_kind_of_build_names_its_digest_and_where_it_is(self, kind: str) -> None:
        path = BUILDX / f"arm64.{kind}.metadata.json"
        digest = json.loads(path.read_text())["containerimage.digest"]

        (found,) = sources(str(path))
        assert found.endswith(f"demo/java-multi-arch-demo@{digest}")

    def test_the_platform_of_the_file_is_not_used(self) -> None:
        (found,) = read_metadata(str(BUILDX / "arm64.oci.metadata.json"))

        assert found.source(HOME).tag is None

    def test_what_was_pushed_to_several_repositories_is_taken_where_the_list_will_be(self, file: Any) -> None:
        several = "docker.io/demo/app:1,localhost:5000/app:1-amd64"

        assert sources(file(build(AMD64, several))) == [f"localhost:5000/app@{AMD64}"]

    def test_a_build_without_a_name_is_where_the_list_will_be(self, file: Any) -> None:
        assert sources(file(build(AMD64))) == [f"localhost:5000/app@{AMD64}"]

    def test_a_builder_of_several_machines_leaves_the_digest_alone(self, file: Any) -> None:
        assert sources(file({"containerimage.digest": AMD64})) == [f"localhost:5000/app@{AMD64}"]

    def test_imagetools_leaves_the_descriptor_alone(self, file: Any) -> None:
        written = {"containerimage.descriptor": {"digest": AMD64, "size": 3}, "image.name": "localhost:5000/base"}

        assert sources(file(written)) == [f"localhost:5000/base@{AMD64}"]

    def test_the_same_build_twice_is_one_source(self, file: Any) -> None:
        assert len(sources(file(build(AMD64)), file(build(AMD64)))) == 1


class TestBake:
    def test_targets_of_one_repository_are_all_taken(self, file: Any) -> None:
        baked = {name: build(digest, "localhost:5000/app") for name, digest in (("x", AMD64), ("y", ARM64))}

        assert sources(file(baked | {"buildx.build.warnings": {}})) == [
            f"localhost:5000/app@{AMD64}",
            f"localhost:5000/app@{ARM64}",
        ]

    def test_of_targets_of_several_repositories_those_are_taken_that_are_where_the_list_will_be(
        self, file: Any
    ) -> None:
        baked = {"app": build(AMD64, "localhost:5000/app:1"), "worker": build(ARM64, "localhost:5000/worker:1")}

        assert sources(file(baked)) == [f"localhost:5000/app@{AMD64}"]

    def test_if_that_leaves_a_choice_the_targets_are_named(self, file: Any) -> None:
        baked = {"web": build(AMD64, "localhost:5000/web"), "worker": build(ARM64, "localhost:5000/worker")}

        with pytest.raises(UsageError, match=r"web \(localhost:5000/web\), worker .*choose with --bake-target"):
            sources(file(baked))

    def test_named_targets_and_patterns_are_taken_from_every_file(self, file: Any) -> None:
        one = file({"app-amd64": build(AMD64, "localhost:5000/a"), "worker": build(ARM64, "localhost:5000/b")})
        two = file({"app-arm64": build(ARM64, "localhost:5000/a"), "worker": build(AMD64, "localhost:5000/b")})

        assert sources(one, two, targets=("app-*",)) == [f"localhost:5000/a@{AMD64}", f"localhost:5000/a@{ARM64}"]

    def test_a_target_that_no_file_has_is_refused_with_those_there_are(self, file: Any) -> None:
        with pytest.raises(UsageError, match="--bake-target wrong: is in no metadata file; there is amd64, arm64"):
            sources(str(BUILDX / "bake.metadata.json"), targets=("wrong",))

    def test_what_bake_wrote_is_read(self) -> None:
        found = read_metadata(str(BUILDX / "bake.metadata.json"))

        assert [one.target for one in found] == ["amd64", "arm64"]
        assert {str(place) for one in found for place in one.places} == {"127.0.0.1:5000/demo/bake"}


@pytest.mark.parametrize(
    ("document", "error", "why"),
    [
        ("", ContentError, "is not JSON"),
        ("[]", ContentError, "not an object"),
        ({}, ContentError, "names no containerimage.digest"),
        ({"app": {"image.name": "x"}}, ContentError, "names no containerimage.digest"),
        ({"containerimage.digest": 3}, ContentError, "do not name one digest"),
        ({"containerimage.digest": AMD64, "containerimage.descriptor": {"digest": ARM64}}, ContentError, "one digest"),
        ({"containerimage.digest": "sha256:12"}, UsageError, "64 lower-case hex digits"),
        ({"containerimage.digest": AMD64, "image.name": []}, ContentError, "image.name is not text"),
    ],
)
def test_what_is_no_metadata_is_refused(file: Any, document: object, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        sources(file(document))


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--metadata .*/nothing: no such file"):
        sources(str(tmp_path / "nothing"))
    with pytest.raises(UsageError, match="is a directory, not a file"):
        sources(str(tmp_path))
