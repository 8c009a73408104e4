"""The variable that docker/metadata-action leaves behind."""

import json

import pytest

from regtool.errors import ContentError, UsageError
from regtool.operations.events import Event, Note
from regtool.operations.inputs.metadata_action import VARIABLE, ActionMetadata


def read(document: object) -> tuple[ActionMetadata, list[str]]:
    heard: list[Event] = []
    text = document if isinstance(document, str) else json.dumps(document)
    found = ActionMetadata.of({VARIABLE: text}, heard.append)
    return found, [event.text for event in heard if isinstance(event, Note)]


def test_tags_come_as_full_references_in_their_order() -> None:
    found, notes = read({"tags": ["docker.io/demo/app:1.0", "ghcr.io/demo/app:1.0"], "labels": {"a": "b"}})

    assert found.tags == ("docker.io/demo/app:1.0", "ghcr.io/demo/app:1.0")
    assert (dict(found.annotations), notes) == ({}, [])


def test_annotations_of_an_index_are_taken_and_the_others_counted() -> None:
    lines = ["index:a=1=2", "manifest:a=1", "manifest,index:b=", "manifest-descriptor:c=3"]
    found, notes = read({"tags": ["app:1"], "annotations": lines})

    assert found.annotations == {"a": "1=2", "b": ""}
    assert notes == [f"annotations of ${VARIABLE} that are not for the index are not used: 2"]


def test_without_any_for_an_index_the_way_to_have_them_is_told() -> None:
    found, notes = read({"tags": ["app:1"], "annotations": ["manifest:a=1", "b=2"]})

    assert found.annotations == {}
    assert len(notes) == 1
    assert "DOCKER_METADATA_ANNOTATIONS_LEVELS=index" in notes[0]


@pytest.mark.parametrize(
    ("document", "error", "why"),
    [
        ("", UsageError, "is not set"),
        ("{", ContentError, "is not JSON"),
        ({"tags": []}, UsageError, "has no tags"),
        ({}, UsageError, "has no tags"),
        ({"tags": "app:1"}, ContentError, "tags is not a list of texts"),
        ({"tags": ["app:1"], "annotations": ["index:a"]}, ContentError, "is not level:key=value"),
    ],
)
def test_what_makes_no_sense_is_refused(document: object, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        read(document)
