import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.documents.descriptor import Descriptor, PlatformObject
from regtool.documents.document import Document
from regtool.documents.image import ImageConfig, ImageManifest
from regtool.documents.index import Index, encode
from regtool.documents.readers import MAX_SIZE
from regtool.documents.strict_json import folded, load_object
from regtool.errors import ContentError
from tests.documents.samples import GOOD, descriptor, image, index
from tests.documents.strategies import annotations, digest_texts, json_objects, json_texts, json_values, sizes

PLATFORM = {"architecture": "arm", "os": "linux", "variant": "v7"}
CONFIG = {"architecture": "arm64", "os": "linux", "config": {"Env": ["A=1"]}, "rootfs": {"type": "layers"}}

FAULTS: list[tuple[type[Document], dict[str, Any], str]] = [
    (Descriptor, {}, "mediaType: Field required"),
    (Descriptor, descriptor(size="7"), "size: Input should be a valid integer"),
    (Descriptor, descriptor(size=True), "size: Input should be a valid integer"),
    (Descriptor, descriptor(size=7.0), "size: Input should be a valid integer"),
    (Descriptor, descriptor(size=None), "size: Input should be a valid integer"),
    (Descriptor, descriptor(size=-1), "size: Input should be greater than or equal to 0"),
    (Descriptor, descriptor(size=MAX_SIZE + 1), f"size: Input should be less than or equal to {MAX_SIZE}"),
    (Descriptor, descriptor(size=10**4000), f"size: Input should be less than or equal to {MAX_SIZE}"),
    (Descriptor, descriptor(digest="sha256:../x"), "digest: sha256:../x: not a digest; sha256 takes 64 lower-case"),
    (Descriptor, descriptor(digest=None), "digest: None: not a digest"),
    (Descriptor, descriptor(digest=7), "digest: 7: not a digest"),
    (Descriptor, descriptor(digest=[GOOD]), f"digest: ['{GOOD}']: not a digest"),
    (Descriptor, descriptor(digest={"a": GOOD}), f"digest: {{'a': '{GOOD}'}}: not a digest"),
    (Descriptor, descriptor(mediaType=None), "mediaType: Input should be a valid string"),
    (Descriptor, descriptor(annotations={"k": 1}), "annotations.k: Input should be a valid string"),
    (Descriptor, descriptor(annotations=["k"]), "annotations: Input should be a valid dictionary"),
    (Descriptor, descriptor(urls="https://example.com"), "urls: Input should be a valid list"),
    (Descriptor, descriptor(platform="linux/arm64"), "platform: Input should be a valid dictionary"),
    (Descriptor, descriptor(platform={"os": "linux"}), "platform.architecture: Field required"),
    (Index, index(manifests=None), "manifests: Input should be a valid list"),
    (Index, index(manifests={}), "manifests: Input should be a valid list"),
    (Index, index(manifests=[descriptor(), None]), "manifests.1: Input should be a valid dictionary"),
    (Index, index(manifests=[descriptor(), descriptor(size="7")]), "manifests.1.size: Input should be a valid integer"),
    (Index, index(schemaVersion="2"), "schemaVersion: Input should be a valid integer"),
    (ImageManifest, image(config=None), "config: Input should be a valid dictionary"),
    (ImageManifest, image(layers=[{}]), "layers.0.mediaType: Field required"),
    (ImageConfig, {}, "architecture: Field required"),
    (ImageConfig, {**CONFIG, "config": {"Labels": {"a": 1}}}, "config.Labels.a: Input should be a valid string"),
]

# a key that Go takes for a known one
COLLISIONS: list[tuple[type[Document], dict[str, Any], str, str]] = [
    (Descriptor, descriptor(Digest=GOOD), "Digest", "digest"),
    (Descriptor, descriptor(MEDIATYPE="x"), "MEDIATYPE", "mediaType"),
    (Descriptor, {**descriptor(), "\u017fize": 8}, "\u017fize", "size"),
    (Descriptor, descriptor(platform={**PLATFORM, "OS": "windows"}), "OS", "os"),
    (Descriptor, descriptor(platform={**PLATFORM, "Os.Version": "1"}), "Os.Version", "os.version"),
    (Index, index(Manifests=[]), "Manifests", "manifests"),
    (Index, index(manifests=[descriptor(), descriptor(Size=8)]), "Size", "size"),
    (Index, index(manifests=[descriptor(platform={**PLATFORM, "Variant": "v6"})]), "Variant", "variant"),
    (Index, index(subject=descriptor(SIZE=8)), "SIZE", "size"),
    (ImageManifest, image(Config={}), "Config", "config"),
    (ImageManifest, image(config=descriptor(Digest=GOOD)), "Digest", "digest"),
    (ImageManifest, image(layers=[descriptor(Digest=GOOD)]), "Digest", "digest"),
    (ImageConfig, {**CONFIG, "OS": "windows"}, "OS", "os"),
    (ImageConfig, {**CONFIG, "config": {"env": ["A=2"]}}, "env", "Env"),
]


@pytest.mark.parametrize(("model", "document", "message"), FAULTS)
def test_a_fault_is_named_by_its_path(model: type[Document], document: dict[str, Any], message: str) -> None:
    with pytest.raises(ContentError) as refusal:
        model.view(document, "localhost:5000/app:1.0")

    assert str(refusal.value).startswith(f"localhost:5000/app:1.0: {message}")


@pytest.mark.parametrize(("model", "document", "key", "known"), COLLISIONS)
def test_a_known_key_in_another_case_is_refused(
    model: type[Document], document: dict[str, Any], key: str, known: str
) -> None:
    with pytest.raises(ContentError) as refusal:
        model.view(document, "here")

    where, _, why = str(refusal.value).rpartition(": ")
    assert why == f"has the key {key!r}, which some readers take for {known!r}"
    assert re.fullmatch(r"here(: [a-z0-9.]+)?", where)


def test_the_case_of_keys_that_nobody_reads_is_free() -> None:
    document = descriptor(annotations={"Digest": "a", "digest": "b"}, other={"Size": 1, "SIZE": 2}, X=1, x=2)

    assert Descriptor.view(document, "here").as_json() == document


def test_unknown_fields_come_after_the_known_ones_in_their_own_order() -> None:
    document = {"z": 1, "size": 7, "a": 2, "digest": GOOD, "mediaType": "m"}

    assert list(Descriptor.view(document, "here").as_json()) == ["mediaType", "digest", "size", "z", "a"]


def test_what_is_not_given_is_not_written_and_null_stays_null() -> None:
    document = descriptor(annotations=None, platform={**PLATFORM, "os.version": None})

    assert Descriptor.view(document, "here").as_json() == document


@pytest.mark.parametrize("name", ["media_type", "artifact_type"])
def test_the_names_in_python_are_no_keys_of_a_document(name: str) -> None:
    document = descriptor(**{name: "text/plain"})

    view = Descriptor.view(document, "here")

    assert view.media_type == document["mediaType"]
    assert view.artifact_type is None
    assert view.as_json() == document
    with pytest.raises(ContentError, match="mediaType: Field required"):
        Descriptor.view({"media_type": "m", "digest": GOOD, "size": 7}, "here")


def test_an_unknown_field_named_as_in_python_brings_no_other_into_being() -> None:
    document = index(schema_version=1, manifests=[descriptor(platform={**PLATFORM, "os_version": "1"})])
    del document["schemaVersion"]

    view = Index.view(document, "here")

    assert view.schema_version == 2
    assert view.as_json() == document


@pytest.mark.parametrize(
    "name", ["as_json", "view", "of", "fields", "__dict__", "unknown", "_unknown", "_given", "attests", "read"]
)
def test_an_unknown_field_cannot_replace_what_the_view_does(name: str) -> None:
    document = descriptor(**{name: "evil"})

    view = Descriptor.view(document, "here")

    assert view.as_json() == document
    assert view.attests is None


def test_a_view_cannot_be_changed() -> None:
    view = Descriptor.view(descriptor(), "here")

    with pytest.raises(AttributeError, match="frozen"):
        view.size = 8  # type: ignore[assignment]


def test_a_refusal_does_not_repeat_what_may_be_secret() -> None:
    document = descriptor(annotations={"token": ["s3cr3t"]})

    with pytest.raises(ContentError) as refusal:
        Descriptor.view(document, "here")

    assert "s3cr3t" not in str(refusal.value)


def _unknown_to(model: type[Document]) -> some.SearchStrategy[dict[str, Any]]:
    """Random fields that the model does not know in any case."""
    known = set(map(folded, model.known_keys()))
    return json_objects.map(lambda fields: {key: value for key, value in fields.items() if folded(key) not in known})


def _some_of(**fields: some.SearchStrategy[Any]) -> some.SearchStrategy[dict[str, Any]]:
    return some.fixed_dictionaries({}, optional={name.replace("__", "."): field for name, field in fields.items()})


def _merged(*parts: some.SearchStrategy[dict[str, Any]]) -> some.SearchStrategy[dict[str, Any]]:
    return some.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


platform_objects = _merged(
    some.fixed_dictionaries({"architecture": json_texts, "os": json_texts}),
    _some_of(variant=json_texts, os__version=json_texts | some.none(), os__features=some.lists(json_texts, max_size=2)),
    _unknown_to(PlatformObject),
)
descriptors = _merged(
    some.fixed_dictionaries({"mediaType": json_texts, "digest": digest_texts, "size": sizes}),
    _some_of(
        annotations=annotations | some.none(),
        platform=platform_objects | some.none(),
        urls=some.lists(json_texts, max_size=2),
        data=json_texts,
        artifactType=json_texts,
    ),
    _unknown_to(Descriptor),
)
indexes = _merged(
    some.fixed_dictionaries({"manifests": some.lists(descriptors, max_size=3)}),
    _some_of(schemaVersion=some.just(2), mediaType=json_texts, annotations=annotations, subject=descriptors),
    _unknown_to(Index),
)


@given(indexes)
def test_unknown_fields_survive_from_view_to_bytes(document: dict[str, Any]) -> None:
    received = json.dumps(document).encode()

    view = Index.view(load_object(received, "here"), "here")

    assert view.as_json() == document
    assert load_object(view.to_bytes(), "here") == document
    assert load_object(encode(view.as_json()), "here") == document


@given(indexes)
def test_writing_what_was_written_changes_no_byte(document: dict[str, Any]) -> None:
    once = Index.view(document, "here").to_bytes()

    assert Index.view(load_object(once, "here"), "here").to_bytes() == once


@given(some.sampled_from((Descriptor, Index, ImageManifest, ImageConfig)), json_objects | indexes | descriptors)
def test_any_object_has_a_view_or_is_refused(model: type[Document], document: dict[str, Any]) -> None:
    try:
        view = model.view(document, "here")
    except ContentError:
        return
    assert view.as_json() == document


FIELDS = some.sampled_from(["mediaType", "digest", "size", "urls", "annotations", "data", "platform", "artifactType"])


@given(FIELDS, json_values)
def test_any_value_in_a_known_field_is_taken_as_it_is_or_refused(field: str, value: object) -> None:
    document = descriptor(**{field: value})
    try:
        view = Descriptor.view(document, "here")
    except ContentError:
        return
    assert view.as_json() == document
