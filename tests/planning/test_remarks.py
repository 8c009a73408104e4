from typing import Any

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import Index
from regtool.documents.manifest import Manifest
from regtool.model import media_type as types
from regtool.planning.remarks import remarks
from tests.planning.lists import attestation, digest, row


def listing(*rows: dict[str, Any], **notes: str) -> Manifest:
    index = Index.of(types.OCI_INDEX, [Descriptor.view(one, "a row") for one in rows], notes or None)
    return Manifest.written(types.OCI_INDEX, index.to_bytes(), "here")


def told(before: Manifest, after: Manifest) -> list[tuple[str, str | None, str | None, str]]:
    return [(one.what, one.before, one.after, one.kind.value) for one in remarks(before, after)]


def test_annotations_of_the_list_that_come_change_and_go() -> None:
    image = row("a", "linux/amd64")

    assert told(listing(image, one="1", two="2", same="="), listing(image, two="zwei", same="=", three="3")) == [
        ("annotation one", "1", None, "removed"),
        ("annotation two", "2", "zwei", "changed"),
        ("annotation three", None, "3", "added"),
    ]


def test_annotations_of_an_image_are_told_with_its_platform() -> None:
    before, after = row("a", "linux/arm64/v8"), row("a", "linux/arm64", annotations={"k": "v"})

    assert told(listing(before), listing(after)) == [("annotation k of linux/arm64", None, "v", "added")]


def test_attestations_are_told_by_what_they_are_about() -> None:
    image = row("a", "linux/amd64")
    short = digest("p")[: len("sha256:") + 12]

    assert told(listing(image, attestation("p", "a")), listing(image)) == [
        ("attestation of linux/amd64", short, None, "removed")
    ]


def test_of_images_that_come_or_go_nothing_is_told() -> None:
    old, new = row("a", "linux/amd64", annotations={"k": "v"}), row("b", "linux/arm64", annotations={"k": "w"})

    assert told(listing(old, attestation("p", "a")), listing(new)) == []
