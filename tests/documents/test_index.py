import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import Index, encode
from regtool.documents.strict_json import load_object
from regtool.model import media_type as types
from tests.documents.samples import LAYOUTS, RECORDED, descriptor, index, manifests
from tests.documents.strategies import annotations, json_objects

# Recorded once with Go 1.26: `json.MarshalIndent(index, "", "  ")` of image-spec v1.1.1's Index, every field in use.
WRITTEN_BY_GO = [path.read_bytes() for path in sorted(RECORDED.glob("go_marshal_indent*.json"))]
WRITTEN_BY_BUILDKIT = [
    manifest.content for name in LAYOUTS for manifest in manifests(name) if types.is_index(manifest.media_type)
]


def upside_down(value: Any) -> Any:
    """The same JSON with the keys of every object in the opposite order."""
    if isinstance(value, dict):
        return {key: upside_down(inner) for key, inner in reversed(value.items())}
    return [upside_down(inner) for inner in value] if isinstance(value, list) else value


def test_there_is_something_to_compare_with() -> None:
    assert len(WRITTEN_BY_GO) == 2
    assert len(WRITTEN_BY_BUILDKIT) == 3


@pytest.mark.parametrize("content", WRITTEN_BY_GO + WRITTEN_BY_BUILDKIT)
def test_a_list_is_written_in_the_bytes_of_go_and_buildkit(content: bytes) -> None:
    assert Index.view(load_object(content, "here"), "here").to_bytes() == content


@pytest.mark.parametrize("content", WRITTEN_BY_GO + WRITTEN_BY_BUILDKIT)
def test_the_order_of_keys_does_not_show_in_the_bytes(content: bytes) -> None:
    document = upside_down(json.loads(content))

    assert list(document) != list(json.loads(content))
    assert Index.view(document, "here").to_bytes() == content


def test_a_new_list_has_entries_as_they_are_in_the_order_given() -> None:
    entries = [
        Descriptor.view(descriptor(size=size, platform={"os": "linux", "architecture": "arm64", "variant": "v8"}), "")
        for size in (2, 1)
    ]

    made = Index.of(types.OCI_INDEX, entries)

    assert made.as_json() == index(manifests=[entry.as_json() for entry in entries])
    assert made == Index.view(made.as_json(), "here")


def test_a_new_list_has_annotations_only_if_there_are_any() -> None:
    assert "annotations" not in Index.of(types.OCI_INDEX, [], {}).as_json()
    assert Index.of(types.OCI_INDEX, [], {"k": "v"}).as_json()["annotations"] == {"k": "v"}


def test_a_list_knows_images_from_attestations() -> None:
    listed = manifests("multi.attested.oci.tar")[0].as_index()

    assert [entry.platform.value.architecture for entry in listed.images if entry.platform] == ["amd64", "arm64", "arm"]
    assert len(listed.attestations) == 3
    assert listed.images + listed.attestations == listed.manifests


@given(json_objects)
def test_json_means_the_same_after_writing(document: dict[str, Any]) -> None:
    assert load_object(encode(document), "here") == document


@given(json_objects)
def test_what_html_and_javascript_could_mistake_is_escaped(document: dict[str, Any]) -> None:
    written = encode(document).decode()

    assert not set("<>&\u2028\u2029") & set(written)


@given(annotations, some.randoms())
def test_annotations_are_written_by_key(notes: dict[str, str], random: Any) -> None:
    shuffled = dict(random.sample(list(notes.items()), len(notes)))

    assert encode({"annotations": shuffled}) == encode({"annotations": notes})
    assert list(json.loads(encode({"annotations": shuffled}))["annotations"]) == sorted(notes)


def test_bytes_end_without_a_line_break_and_are_indented_by_two() -> None:
    assert encode({"a": [1, {"b": {}}], "c": []}) == (
        b'{\n  "a": [\n    1,\n    {\n      "b": {}\n    }\n  ],\n  "c": []\n}'
    )
