"""Names of images in layouts and archives, as people write them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtool.errors import UsageError
from regtool.model.digest import Digest
from regtool.model.reference import (
    Archive,
    ArchiveForm,
    Layout,
    Name,
    Reference,
    Repository,
    Tag,
    place_of,
)

DIGEST = Digest.of(b"content")


@pytest.mark.parametrize(
    ("text", "place", "selector"),
    [
        ("oci:dir:1.0", Layout(Path("dir")), Tag("1.0")),
        ("oci:/var/images/app:1.0", Layout(Path("/var/images/app")), Tag("1.0")),
        ("oci:dir", Layout(Path("dir")), Name()),
        (f"oci:dir@{DIGEST}", Layout(Path("dir")), DIGEST),
        (f"oci:dir:1.0@{DIGEST}", Layout(Path("dir")), DIGEST),
        ("oci:me@home/dir:1.0", Layout(Path("me@home/dir")), Tag("1.0")),
        (r"oci:C:\images\app:1.0", Layout(Path(r"C:\images\app")), Tag("1.0")),
        ("oci:dir:docker.io/library/app:1.0", Layout(Path("dir")), Name("docker.io/library/app:1.0")),
        ("oci-archive:app.tar", Archive(Path("app.tar"), ArchiveForm.OCI), Name()),
        ("oci-archive:./app.tar:1.0", Archive(Path("app.tar"), ArchiveForm.OCI), Tag("1.0")),
        ("docker-archive:app.tar:app:1.0", Archive(Path("app.tar"), ArchiveForm.DOCKER), Name("app:1.0")),
    ],
)
def test_a_path_ends_at_its_first_colon(text: str, place: Layout | Archive, selector: object) -> None:
    found = Reference.parse(text)

    assert found.place == place
    assert found.selector == selector


@pytest.mark.parametrize("text", ["oci:dir", "oci:dir:1.0", f"oci:dir:1@{DIGEST}", "docker-archive:a.tar:app:1.0"])
def test_a_name_prints_itself_back(text: str) -> None:
    assert str(Reference.parse(text)) == text


@given(st.text(st.characters(exclude_characters=":\0", exclude_categories=["Cs"]), min_size=1))
def test_any_path_without_a_colon_is_read_or_refused_as_itself(path: str) -> None:
    try:
        found = Reference.parse(f"oci:{path}:1.0")
    except UsageError:
        return

    assert Reference.parse(str(found)) == found
    assert found.tag == Tag("1.0")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("oci:", "names no file"),
        ("oci::1.0", "names no file"),
        ("oci:dir:", "ends in ':' without a tag"),
        ("oci-archive:a.tar:-1", "not a tag"),
        ("oci:dir@sha256:12", "not a digest"),
    ],
)
def test_what_names_nothing_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        Reference.parse(text)


def test_a_repository_always_has_a_tag_or_a_digest() -> None:
    with pytest.raises(UsageError, match="names neither tag nor digest"):
        Repository.parse("localhost:5000/app").at(Name())


def test_a_target_without_a_tag_is_latest() -> None:
    assert Reference.parse_target("oci:dir").tag == Tag("latest")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"oci:dir@{DIGEST}", "a target is a tag, not a digest"),
        ("oci:dir:docker.io/library/app:1.0", "a target is a tag"),
        ("docker-archive:app.tar:1.0", "docker archives are only read; write oci-archive:app.tar"),
    ],
)
def test_a_target_that_cannot_be_written_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        Reference.parse_target(text)


def test_a_tag_may_be_written_with_its_place_in_front() -> None:
    place = Layout(Path("dir"))

    assert place.tag("1.0") == place.tag("oci:dir:1.0") == Tag("1.0")
    with pytest.raises(UsageError, match="is not a tag in oci:dir"):
        place.tag("oci:other:1.0")


def test_a_place_alone_has_no_tag() -> None:
    assert place_of("oci:dir") == Layout(Path("dir"))
    assert place_of("localhost:5000/app") == Repository("localhost:5000", "app")
    with pytest.raises(UsageError, match="names one image, not the place; write oci:dir"):
        place_of("oci:dir:1.0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("localhost:5000/app:1.0", "names one image, not the place; write localhost:5000/app"),
        (f"localhost:5000/app@sha256:{'a' * 64}", "names one image, not the place; write localhost:5000/app"),
        ("app:latest", "names one image, not the place; write docker.io/library/app"),
        ("localhost:5000", "is a registry, not a repository in it; write localhost:5000/NAME"),
    ],
)
def test_what_is_not_quite_a_repository_is_corrected(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        place_of(text)

    assert str(refusal.value) == f"{text}: {message}"


@pytest.mark.parametrize("parse", [Reference.parse, Reference.parse_target, place_of])
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/tmp/app", "is a path, not an image; write oci:/tmp/app for a layout, oci-archive:/tmp/app for one in a tar"),
        ("./app", "is a path, .* write oci:./app"),
        ("../app:1.0", "is a path, .* write oci:../app:1.0"),
        ("~/app", "is a path"),
        (r"C:\images\app", "is a path"),
        ("/tmp/app.tar", "write oci-archive:/tmp/app.tar or docker-archive:/tmp/app.tar"),
        ("ocidir://app:1.0", "is what another tool calls a layout; write oci:app:1.0"),
        ("oci-layout:///tmp/app", "write oci:/tmp/app"),
        ("docker-daemon:app:1.0", r"is in a place that regtool does not reach \(docker-daemon\); save it first"),
        ("dir:/tmp/app", "does not reach"),
    ],
)
def test_a_file_or_a_place_of_another_tool_is_told_how_to_be_named(
    parse: Callable[[str], object], text: str, why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        parse(text)


def test_a_registry_may_be_called_as_such_a_place() -> None:
    assert Reference.parse("dir:5000/app:1.0").place == Repository("dir:5000", "app")
