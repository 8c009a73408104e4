"""Which image of a layout is meant, for the ways in which tools write names into index.json."""

import json
from typing import Any

import pytest

from regtool.errors import NotFoundError, UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Name, Tag
from regtool.stores.layout_choice import choose
from regtool.stores.layout_index import LayoutIndex

ONE, OTHER = Digest.of(b"one"), Digest.of(b"other")
BUILDX = {"io.containerd.image.name": "docker.io/library/app:1.0", "org.opencontainers.image.ref.name": "1.0"}
SKOPEO = {"org.opencontainers.image.ref.name": "docker.io/library/app:1.0"}


def index(*entries: tuple[Digest, dict[str, str]]) -> LayoutIndex:
    manifests: list[dict[str, Any]] = [
        {"mediaType": types.OCI_MANIFEST, "digest": str(digest), "size": 1, "annotations": notes}
        for digest, notes in entries
    ]
    return LayoutIndex.parse(json.dumps({"schemaVersion": 2, "manifests": manifests}).encode(), "index.json")


@pytest.mark.parametrize("notes", [BUILDX, SKOPEO], ids=["buildx", "skopeo"])
@pytest.mark.parametrize(
    "selector", [Tag("1.0"), Name("docker.io/library/app:1.0"), Name("app:1.0"), Name()], ids=lambda one: repr(str(one))
)
def test_an_image_is_found_by_tag_by_full_name_and_as_the_only_one(notes: dict[str, str], selector: Tag | Name) -> None:
    assert choose(index((ONE, notes)), selector, "dir") == ONE


def test_of_named_images_and_their_parts_the_named_one_is_the_only_one() -> None:
    assert choose(index((OTHER, {}), (ONE, {"org.opencontainers.image.ref.name": "1.0"})), Name(), "dir") == ONE


def test_one_image_with_two_names_is_the_only_one() -> None:
    both = index((ONE, BUILDX), (ONE, {"org.opencontainers.image.ref.name": "latest"}))

    assert choose(both, Name(), "dir") == ONE


def test_of_several_images_one_has_to_be_named() -> None:
    with pytest.raises(UsageError, match=r"dir: holds 2 images; it has 1\.0, 2\.0"):
        choose(index((ONE, BUILDX), (OTHER, {"org.opencontainers.image.ref.name": "2.0"})), Name(), "dir")


@pytest.mark.parametrize("selector", [Tag("3.0"), Name("docker.io/library/other:1.0")], ids=str)
def test_what_is_not_there_is_answered_with_what_is(selector: Tag | Name) -> None:
    with pytest.raises(NotFoundError, match=r"no such tag in the layout; it has 1\.0"):
        choose(index((ONE, BUILDX)), selector, "dir")


def test_an_empty_layout_holds_no_image() -> None:
    with pytest.raises(NotFoundError, match="holds no image"):
        choose(index(), Name(), "dir")
