import itertools
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.documents.manifest import Manifest
from regtool.errors import ContentError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from tests.documents.samples import EVIL, LAYOUTS, as_bytes, descriptor, image, index, layout, manifests, root
from tests.documents.strategies import json_objects, json_values

LIST, IMAGE = index(), image()
del LIST["mediaType"], IMAGE["mediaType"]

SHAPES: dict[str, dict[str, Any]] = {
    "list": LIST,
    "image": IMAGE,
    "artifact": {"schemaVersion": 2, "config": descriptor(), "layers": [], "artifactType": "application/vnd.example"},
    "empty list": {"schemaVersion": 2, "manifests": []},
    "neither": {"schemaVersion": 2},
    "both": {**LIST, **IMAGE},
    "list with layers": {**LIST, "layers": []},
    "list with a config": {**LIST, "config": descriptor()},
    "list with fsLayers": {**LIST, "fsLayers": []},
    "list with LAYERS": {**LIST, "LAYERS": []},
    "image with manifests": {**IMAGE, "manifests": []},
    "image with Manifests": {**IMAGE, "Manifests": []},
    "image with manifests of null": {**IMAGE, "manifests": None},
    "list in another case": {"schemaVersion": 2, "MANIFESTS": []},
}
LISTS = {"list", "empty list", "list in another case"}  # the last has no view, whatever it is taken for
IMAGES = {"image", "artifact", "neither"}  # so has what is neither

FAMILY = [*types.INDEXES, *types.IMAGES]
HEADERS = [
    "",
    *FAMILY,
    "text/html",
    "text/plain; charset=utf-8",
    "application/json",
    "application/octet-stream",
    "application/vnd.oci.image.index.v2+json",
    types.OCI_CONFIG,
]
BODIES = [None, "", *FAMILY, "application/json", types.OCI_CONFIG, types.OCI_INDEX.upper()]


def received(document: dict[str, Any], header: str) -> Manifest:
    return Manifest.received(as_bytes(document), header, "localhost:5000/app:1.0")


def verdict(header: str, body: str | None, shape: str) -> str | None:
    """The type that a document of this shape is taken for; None if it is refused."""
    document = SHAPES[shape] if body is None else {**SHAPES[shape], "mediaType": body}
    try:
        return received(document, header).media_type
    except ContentError:
        return None


def fitting(media_type: str) -> set[str]:
    return LISTS if types.is_index(media_type) else IMAGES


def test_header_body_and_shape_must_agree() -> None:
    taken: dict[tuple[str, str | None, str], str] = {
        (header, body, shape): agreed
        for header, body, shape in itertools.product(HEADERS, BODIES, SHAPES)
        if (agreed := verdict(header, body, shape)) is not None
    }

    expected: dict[tuple[str, str | None, str], str] = {
        # all three agree
        **{(kind, kind, shape): kind for kind in FAMILY for shape in fitting(kind)},
        # one of header and body is silent
        **{(kind, body, shape): kind for kind in FAMILY for body in (None, "") for shape in fitting(kind)},
        **{("", kind, shape): kind for kind in FAMILY for shape in fitting(kind)},
        # both are: the shape decides
        **{("", body, shape): types.OCI_INDEX for body in (None, "") for shape in ("list", "empty list")},
        **{("", body, shape): types.OCI_MANIFEST for body in (None, "") for shape in ("image", "artifact")},
    }
    assert taken == expected


@pytest.mark.parametrize("header", sorted(FAMILY))
def test_parameters_and_case_of_the_header_do_not_matter(header: str) -> None:
    document = index() if types.is_index(header) else image()
    document["mediaType"] = header

    assert received(document, f"{header.upper()}; charset=utf-8").media_type == header


@pytest.mark.parametrize(
    ("document", "header", "message"),
    [
        (
            index(),
            types.OCI_MANIFEST,
            f"was sent as {types.OCI_MANIFEST}, but says of itself that it is {types.OCI_INDEX}",
        ),
        (index(), "text/html", f"was sent as text/html, but says of itself that it is {types.OCI_INDEX}"),
        (LIST, "text/html", "is no manifest but text/html"),
        ({}, "", "is no manifest but a document of unknown type"),
        ({**IMAGE, "manifests": []}, types.OCI_MANIFEST, f"does not have the form of {types.OCI_MANIFEST}"),
        ({**LIST, "config": {}}, types.OCI_INDEX, f"does not have the form of {types.OCI_INDEX}"),
        (index(mediaType=7), types.OCI_INDEX, "mediaType is not text"),
        (index(mediaType=[types.OCI_INDEX]), "", "mediaType is not text"),
        (index(mediaType=False), "", "mediaType is not text"),
    ],
)
def test_a_disagreement_is_told_in_words(document: dict[str, Any], header: str, message: str) -> None:
    with pytest.raises(ContentError) as refusal:
        received(document, header)

    assert str(refusal.value) == f"localhost:5000/app:1.0: {message}"


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (b'{"schemaVersion": 1, "name": "app"}', ""),
        (b'{"schemaVersion": 1, "name": "app"}', "application/json"),
        (b'{"schemaVersion": 1}', types.DOCKER_SCHEMA1_SIGNED),
        (b"a signed text", types.DOCKER_SCHEMA1),
        (b"a signed text", f"{types.DOCKER_SCHEMA1_SIGNED}; charset=utf-8"),
    ],
)
def test_the_oldest_images_are_refused_by_name(content: bytes, header: str) -> None:
    with pytest.raises(ContentError, match="is an image of Docker schema 1, which lists cannot hold; rebuild"):
        Manifest.received(content, header, "here")


def test_a_type_in_another_case_has_no_view() -> None:
    taken = received({**IMAGE, "MediaType": types.OCI_INDEX}, types.OCI_MANIFEST)

    with pytest.raises(ContentError, match="has the key 'MediaType', which some readers take for 'mediaType'"):
        taken.as_image()


def test_content_must_have_the_digest_that_was_asked_for() -> None:
    content = as_bytes(index())

    assert Manifest.received(content, "", "here", Digest.of(content)).digest == Digest.of(content)
    assert Manifest.received(content, "", "here", Digest.of(content, "sha512")).digest.algorithm == "sha512"
    with pytest.raises(ContentError, match="here: content has digest"):
        Manifest.received(content, "", "here", Digest.parse(EVIL))
    with pytest.raises(ContentError, match="here: content has digest"):
        Manifest.received(content + b"\n", "", "here", Digest.of(content))


def test_the_digest_is_compared_before_anything_is_read() -> None:
    with pytest.raises(ContentError, match="content has digest"):
        Manifest.received(b"<html>", "text/html", "here", Digest.parse(EVIL))


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_buildkit_wrote_is_kept_byte_for_byte(name: str) -> None:
    for manifest in manifests(name):
        assert manifest.content == layout(name).blobs[str(manifest.digest)]
        assert manifest.descriptor.digest == manifest.digest
        assert manifest.descriptor.size == len(manifest.content)
        assert manifest.descriptor.media_type == manifest.media_type


def test_a_list_is_seen_as_a_list_alone() -> None:
    attested = root("amd64.attested.oci.tar")

    assert attested.is_index
    assert len(attested.as_index().manifests) == 2
    with pytest.raises(ContentError, match=r"amd64\.attested\.oci\.tar: is a list of manifests, not one image"):
        attested.as_image()


def test_an_image_is_seen_as_an_image_alone() -> None:
    single = root("amd64.docker-mediatypes.oci.tar")

    assert not single.is_index
    assert len(single.as_image().layers) == 1
    with pytest.raises(ContentError, match=re.escape(f"is no list of manifests but {types.DOCKER_MANIFEST}")):
        single.as_index()


def test_what_is_written_here_passes_the_same_door() -> None:
    content = as_bytes(index())

    assert Manifest.written(types.OCI_INDEX, content, "here") == Manifest.received(content, types.OCI_INDEX, "there")
    with pytest.raises(ContentError):
        Manifest.written(types.DOCKER_LIST, content, "here")


def test_manifests_are_equal_by_type_and_bytes() -> None:
    first = Manifest.received(as_bytes(LIST), types.OCI_INDEX, "here")

    assert first == Manifest.received(as_bytes(LIST), types.OCI_INDEX, "there")
    assert first != Manifest.received(as_bytes(LIST), types.DOCKER_LIST, "here")
    assert len({first, Manifest.received(as_bytes(LIST), types.OCI_INDEX, "there")}) == 1


def test_a_manifest_is_shown_without_its_content() -> None:
    assert "schemaVersion" not in repr(root("amd64.oci.tar"))


def _read_all(content: bytes, header: str) -> None:
    """Reads as far as it goes."""
    try:
        manifest = Manifest.received(content, header, "here")
        view = manifest.as_index() if manifest.is_index else manifest.as_image()
    except ContentError:
        return
    assert view.as_json() == manifest.document


@given(some.binary(), some.sampled_from(HEADERS))
def test_any_bytes_are_a_manifest_or_refused(content: bytes, header: str) -> None:
    _read_all(content, header)


@given(some.sampled_from([index(), image()]), json_objects, some.sampled_from(HEADERS))
def test_any_document_is_a_manifest_or_refused(start: dict[str, Any], changes: dict[str, Any], header: str) -> None:
    _read_all(as_bytes({**start, **changes}), header)


KEYS = some.sampled_from(["schemaVersion", "mediaType", "manifests", "config", "layers", "subject", "annotations"])


@given(some.sampled_from([index(), image()]), KEYS, json_values)
def test_any_value_in_any_field_is_taken_or_refused(start: dict[str, Any], key: str, value: object) -> None:
    _read_all(as_bytes({**start, key: value}), "")


@given(some.sampled_from(LAYOUTS), some.integers(0, 10_000), some.integers(0, 255))
def test_one_byte_that_differs_is_noticed(name: str, position: int, byte: int) -> None:
    good = root(name)
    at = position % len(good.content)
    content = good.content[:at] + bytes([byte]) + good.content[at + 1 :]

    if content != good.content:
        with pytest.raises(ContentError, match="content has digest"):
            Manifest.received(content, good.media_type, "here", good.digest)
