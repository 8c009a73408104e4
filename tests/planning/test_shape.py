import pytest

from regtool.errors import UsageError
from regtool.planning.shape import Attestations, ListType, Shape


def test_a_shape_asks_for_nothing_special_by_itself() -> None:
    shape = Shape()

    assert shape.type is ListType.AUTO
    assert shape.attestations is Attestations.KEEP
    assert not shape.annotations
    assert not shape.platforms
    assert not shape.keep_order


def test_choices_are_the_words_of_the_command_line() -> None:
    assert [*ListType] == ["auto", "docker", "oci"]
    assert [*Attestations] == ["keep", "drop"]


@pytest.mark.parametrize("annotations", [{"key": "caf\udce9"}, {"k\udce9y": "value"}])
def test_an_annotation_must_be_writable(annotations: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"annotation 'k.*y': is not text in UTF-8"):
        Shape(annotations=annotations)
