"""The value behind `index.json`: tags come and go, and nothing else is touched."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtool.documents.descriptor import Descriptor
from regtool.errors import ContentError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.stores.layout_index import REF_NAME, LayoutIndex

DESCRIPTORS = [Descriptor.of(types.OCI_MANIFEST, Digest.of(bytes([number])), 100 + number) for number in range(4)]
A, B, *_ = DESCRIPTORS
V1, V2 = Tag("1.0"), Tag("2.0")


def parse(*entries: dict[str, Any], **more: Any) -> LayoutIndex:
    return LayoutIndex.parse(json.dumps({"schemaVersion": 2, **more, "manifests": entries}).encode(), "index.json")


def entry(descriptor: Descriptor, name: str = "", **notes: str) -> dict[str, Any]:
    annotations = notes | ({REF_NAME: name} if name else {})
    return descriptor.as_json() | ({"annotations": annotations} if annotations else {})


def entries(index: LayoutIndex) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(index.to_bytes())["manifests"]
    return listed


def test_an_untagged_manifest_has_an_entry_once() -> None:
    index = LayoutIndex.empty().with_manifest(A).with_manifest(A)

    assert entries(index) == [entry(A)]


def test_a_tag_takes_the_entry_that_has_none() -> None:
    assert entries(parse(entry(A, origin="x")).with_tags(A, [V1])) == [entry(A, "1.0", origin="x")]


def test_a_second_tag_is_a_second_entry() -> None:
    assert entries(parse(entry(A, "1.0")).with_tags(A, [V2])) == [entry(A, "1.0"), entry(A, "2.0")]


def test_a_tag_that_moves_leaves_its_manifest_listed() -> None:
    assert entries(parse(entry(A, "1.0", origin="x")).with_tags(B, [V1])) == [entry(A, origin="x"), entry(B, "1.0")]


def test_a_tag_that_goes_takes_an_entry_along_only_if_there_is_another() -> None:
    assert entries(parse(entry(A, "1.0")).without_tag(V1)) == [entry(A)]
    assert entries(parse(entry(A, "1.0"), entry(A, "2.0")).without_tag(V1)) == [entry(A, "2.0")]


def test_a_manifest_goes_with_all_its_entries() -> None:
    index = parse(entry(A, "1.0"), entry(B, "b"), entry(A, "2.0"), entry(A))

    assert entries(index.without_manifest(A.digest)) == [entry(B, "b")]


def test_equal_entries_are_told_apart() -> None:
    index = parse(entry(A, "1.0"), entry(A, "1.0"))

    assert entries(index.without_tag(V1)) == [entry(A, "1.0")]


@pytest.mark.parametrize("change", [lambda index: index.with_tags(A, [V1]), lambda index: index.with_manifest(A)])
def test_what_is_so_already_changes_nothing(change: Any) -> None:
    index = parse(entry(A, "1.0"))

    assert change(index) is index


def test_what_nobody_knows_is_kept_in_its_place() -> None:
    strange = {"digest": "blake3:00", "size": 1, "mediaType": "x/y", "newer": {"a": [1, 2]}}
    index = parse(strange, entry(A, "1.0"), annotations={"k": "v"}, newest=True)

    changed = json.loads(index.with_tags(B, [V1]).without_manifest(A.digest).to_bytes())

    assert list(changed) == ["schemaVersion", "annotations", "newest", "manifests"]
    assert changed["manifests"] == [strange, entry(B, "1.0")]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("1.0", "1.0"),
        ("docker.io/library/alpine:3.20", "3.20"),
        ("localhost:5000/app:1", "1"),
        ("localhost:5000/app", None),
        ("docker.io/library/alpine", None),
        (":1", None),
        ("alpine:-bad", None),
        ("", None),
    ],
)
def test_whole_references_count_by_their_tag(name: str, tag: str | None) -> None:
    assert list(parse(entry(A, name)).tags) == ([tag] if tag else [])


def test_a_plain_tag_goes_before_a_reference_that_ends_with_it() -> None:
    index = parse(entry(A, "example.com/app:1.0"), entry(B, "1.0"), entry(A, "example.com/other:1.0"))

    assert index.digest_of(V1) == B.digest


def test_the_last_of_two_equal_tags_counts() -> None:
    assert parse(entry(A, "1.0"), entry(B, "1.0")).digest_of(V1) == B.digest


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"manifests": {}}',
        b'{"manifests": [5]}',
        b'{"manifests": [{}]}',
        b'{"manifests": [{"digest": 5}]}',
        b'{"manifests": [{"digest": "x", "annotations": []}]}',
        b'{"manifests": [{"digest": "x", "mediaType": 5}]}',
        b'{"manifests": [{"digest": "x", "annotations": {"org.opencontainers.image.ref.name": 5}}]}',
        b'{"manifests": [], "manifests": []}',
    ],
)
def test_what_is_no_index_is_refused(content: bytes) -> None:
    with pytest.raises(ContentError, match=r"^here/index\.json: "):
        LayoutIndex.parse(content, "here/index.json")


STEPS = st.lists(
    st.tuples(st.sampled_from(["tag", "untag", "put", "delete"]), st.sampled_from(DESCRIPTORS), st.sampled_from("abc"))
)


@given(STEPS)
def test_after_any_steps_it_says_what_a_plain_table_would(steps: list[tuple[str, Descriptor, str]]) -> None:
    index, tags, listed = LayoutIndex.empty(), dict[str, Digest](), set[Digest]()
    for what, descriptor, name in steps:
        match what:
            case "tag":
                index = index.with_tags(descriptor, [Tag(name)])
                tags[name] = descriptor.digest
                listed.add(descriptor.digest)
            case "untag":
                index = index.without_tag(Tag(name))
                tags.pop(name, None)
            case "put":
                index = index.with_manifest(descriptor)
                listed.add(descriptor.digest)
            case _:
                index = index.without_manifest(descriptor.digest)
                tags = {tag: digest for tag, digest in tags.items() if digest != descriptor.digest}
                listed.discard(descriptor.digest)

    again = LayoutIndex.parse(index.to_bytes(), "index.json")
    assert {name: again.digest_of(Tag(name)) for name in again.tags} == tags
    assert {descriptor.digest for descriptor in DESCRIPTORS if again.lists(descriptor.digest)} == listed
    assert len(again.entries) == max(len(tags), 0) + len(listed - set(tags.values()))
