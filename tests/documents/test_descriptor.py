import json
from typing import Any

import pytest
from hypothesis import given

from regtool.documents.descriptor import Descriptor, PlatformObject
from regtool.documents.document import Document
from regtool.documents.strict_json import load_object
from regtool.errors import ContentError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from tests.documents.go_readings import READINGS
from tests.documents.samples import EVIL, GOOD, descriptor, manifests
from tests.model.strategies import platforms

ATTESTS = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": GOOD}
UNKNOWN = {"architecture": "unknown", "os": "unknown"}

# Go takes these, but they name nothing that can be fetched, or say it in a way that others read differently.
REFUSED_ALTHOUGH_ALIKE = {
    b'{"mediaType":"m","Digest":"EVIL","digest":"GOOD","size":1}',
    b'{"mediaType":"m","Digest":"EVIL","size":1}',
    b'{"mediaType":"m","digest":"GOOD","size":-1}',
    b'{"mediaType":"m","digest":"GOOD","size":1,"x":1e400}',
}


def _with_digests(text: bytes) -> bytes:
    return text.replace(b"GOOD", GOOD.encode()).replace(b"EVIL", EVIL.encode())


def _what_go_knows(model: type[Document], document: dict[str, Any]) -> dict[str, Any]:
    known = model.known_keys()
    return {key: value for key, value in document.items() if key in known and value is not None}


def _ours(text: bytes) -> dict[str, Any] | None:
    """What the view says of the fields that Go knows; None if there is no view."""
    try:
        view = Descriptor.view(load_object(_with_digests(text), "here"), "here")
    except ContentError:
        return None
    found = _what_go_knows(Descriptor, view.as_json())
    if "platform" in found:
        found["platform"] = _what_go_knows(PlatformObject, found["platform"])
    return found


@pytest.mark.parametrize("text", READINGS)
def test_a_descriptor_never_means_one_thing_here_and_another_to_go(text: bytes) -> None:
    ours, gos = _ours(text), READINGS[text]

    assert ours is None or (gos is not None and ours == json.loads(_with_digests(gos.encode())))


def test_what_is_plain_is_not_refused() -> None:
    taken = [text for text in READINGS if _ours(text)]

    assert len(taken) == 13
    assert not REFUSED_ALTHOUGH_ALIKE & set(taken)


def test_a_descriptor_of_content_says_type_digest_and_size() -> None:
    made = Descriptor.of(types.OCI_MANIFEST, Digest.parse(GOOD), 7)

    assert made.as_json() == descriptor()
    assert made == Descriptor.view(descriptor(), "here")


@pytest.mark.parametrize(
    ("platform", "document"),
    [
        (Platform("linux", "amd64"), {"architecture": "amd64", "os": "linux"}),
        (Platform("linux", "arm", "v7"), {"architecture": "arm", "os": "linux", "variant": "v7"}),
        (
            Platform("windows", "amd64", "", "10.0.20348.2402", ("win32k",)),
            {
                "architecture": "amd64",
                "os": "windows",
                "os.version": "10.0.20348.2402",
                "os.features": ["win32k"],
            },
        ),
    ],
)
def test_a_platform_is_written_without_what_it_leaves_empty(platform: Platform, document: dict[str, Any]) -> None:
    made = PlatformObject.of(platform).as_json()

    assert made == document
    assert list(made) == list(document)


@given(platforms)
def test_a_platform_is_spelled_as_the_document_has_it(platform: Platform) -> None:
    assert PlatformObject.of(platform).value == platform


def test_null_fields_of_a_platform_say_nothing() -> None:
    document = {"architecture": "arm", "os": "linux", "variant": None, "os.version": None, "os.features": None}

    assert PlatformObject.view(document, "here").value == Platform("linux", "arm")


def test_an_attestation_names_its_image() -> None:
    view = Descriptor.view(descriptor(annotations=ATTESTS, platform=UNKNOWN), "here")

    assert view.attests == Digest.parse(GOOD)
    assert view.is_attestation


@pytest.mark.parametrize(
    "annotations",
    [
        {"vnd.docker.reference.type": "attestation-manifest"},
        {**ATTESTS, "vnd.docker.reference.digest": "sha256:../x"},
        {**ATTESTS, "vnd.docker.reference.digest": ""},
    ],
)
def test_an_attestation_whose_image_is_not_readable_is_one_all_the_same(annotations: dict[str, str]) -> None:
    view = Descriptor.view(descriptor(annotations=annotations), "here")

    assert view.attests is None
    assert view.is_attestation


def test_what_runs_nowhere_counts_as_an_attestation_even_without_a_mark() -> None:
    view = Descriptor.view(descriptor(platform=UNKNOWN), "here")

    assert view.is_attestation
    assert view.attests is None


@pytest.mark.parametrize(
    "document",
    [
        descriptor(),
        descriptor(annotations=None),
        descriptor(annotations={}),
        descriptor(platform={"architecture": "amd64", "os": "linux"}),
        descriptor(platform={"architecture": "amd64", "os": "unknown"}),
        descriptor(annotations={"vnd.docker.reference.digest": GOOD}),
        descriptor(annotations={**ATTESTS, "vnd.docker.reference.type": "other"}),
    ],
)
def test_an_image_is_no_attestation(document: dict[str, Any]) -> None:
    view = Descriptor.view(document, "here")

    assert view.attests is None
    assert not view.is_attestation


@pytest.mark.parametrize("name", ["amd64.attested.oci.tar", "arm64.attested.oci.tar", "multi.attested.oci.tar"])
def test_what_buildkit_attests_is_paired_by_digest(name: str) -> None:
    index = manifests(name)[0].as_index()

    assert [entry.attests for entry in index.attestations] == [entry.digest for entry in index.images]


def test_a_list_within_a_list_is_told_by_its_type() -> None:
    assert Descriptor.view(descriptor(mediaType=types.OCI_INDEX), "here").is_index
    assert Descriptor.view(descriptor(mediaType=types.DOCKER_LIST), "here").is_index
    assert not Descriptor.view(descriptor(), "here").is_index
