import pytest

from regtool.model import media_type as types

HEADERS = {
    "application/vnd.oci.image.index.v1+json": types.OCI_INDEX,
    "application/vnd.oci.image.index.v1+json; charset=utf-8": types.OCI_INDEX,
    "application/vnd.oci.image.index.v1+json;charset=utf-8;a=b": types.OCI_INDEX,
    " Application/VND.OCI.Image.Index.v1+JSON ": types.OCI_INDEX,
    "text/html": "text/html",
    "": "",
    ";": "",
}


@pytest.mark.parametrize(("header", "media_type"), HEADERS.items())
def test_a_header_is_compared_without_parameters_and_case(header: str, media_type: str) -> None:
    assert types.bare(header) == media_type


def test_lists_of_both_families_are_indexes() -> None:
    assert types.is_index(types.OCI_INDEX)
    assert types.is_index(types.DOCKER_LIST)
    assert not types.is_index(types.OCI_MANIFEST)
    assert not types.is_index("application/vnd.oci.image.index.v2+json")


def test_what_is_not_dockers_counts_as_oci() -> None:
    assert types.is_docker(types.DOCKER_MANIFEST)
    assert types.is_docker(types.DOCKER_LIST)
    assert not types.is_docker(types.OCI_MANIFEST)
    assert not types.is_docker("application/vnd.example+json")


def test_every_read_asks_for_lists_and_images_of_both_families() -> None:
    assert set(types.ACCEPTED) == types.INDEXES | types.IMAGES
