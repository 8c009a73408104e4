from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.documents.index import Index
from regtool.documents.strict_json import load_object
from regtool.errors import ConflictError, ContentError, UsageError
from regtool.model import media_type as types
from regtool.model.platform import Platform
from regtool.planning.compose import compose, select
from regtool.planning.member import Member
from regtool.planning.shape import Attestations, ListType, Shape
from tests.planning.members import attestation, built, digest, member

# What `docker buildx imagetools create` 0.38.2 wrote for the same sources into a registry, byte for byte.
RECORDED = Path(__file__).parent / "recorded"
BUILDX: dict[str, tuple[list[str], dict[str, str]]] = {
    "oci.json": (["amd64.oci.tar", "arm64.oci.tar", "armv7.oci.tar"], {}),
    "docker.json": ([f"{name}.docker-mediatypes.oci.tar" for name in ("amd64", "arm64", "armv7")], {}),
    "mixed.json": (["amd64.oci.tar", "arm64.docker-mediatypes.oci.tar"], {}),
    "attested-annotated.json": (
        ["amd64.attested.oci.tar", "arm64.attested.oci.tar", "armv7.oci.tar"],
        {
            "z": r'<a> & "b" \ é',
            "A": "tab\tline\nback\bfeed\fdelete\x7f lines\u2028\u2029 \N{GRINNING FACE} \x01",
        },
    ),
}

AMD64 = member("amd64", "linux/amd64", attestation("amd64"))
ARM64 = member("arm64", "linux/arm64", attestation("arm64"))
ARMV7 = member("armv7", "linux/arm/v7")
CHART = member("chart", None)


def listed(members: Sequence[Member], shape: Shape) -> Index:
    """The list that a shape makes of some members."""
    return compose(select(members, shape), shape, "the list").as_index()


def digests(members: Sequence[Member], shape: Shape) -> list[str]:
    return [str(row.digest) for row in listed(members, shape).manifests]


# --- the bytes


@pytest.mark.parametrize("name", BUILDX)
def test_a_list_has_the_bytes_of_buildx(name: str) -> None:
    sources, annotations = BUILDX[name]
    members = [found for source in sources for found in built(source)]
    shape = Shape(annotations=annotations)

    made = compose(select(members, shape), shape, "the list")

    assert made.content == (RECORDED / name).read_bytes()


def test_rows_of_a_wider_list_stay_as_buildx_leaves_them() -> None:
    content = (RECORDED / "multi-windows.json").read_bytes()
    rows = Index.view(load_object(content, "here"), "here").manifests

    assert Index.of(types.OCI_INDEX, rows).to_bytes() == content


variants = some.sampled_from([("linux/arm64", None), ("linux/arm64/v8", None), ("linux/arm64/v8", {"k": "v"})])
legs = some.lists(
    some.one_of(
        some.sampled_from([AMD64, ARMV7, CHART, member("windows", "windows/amd64"), member("386", "linux/386")]),
        # one image, as different lists may have it
        some.builds(
            lambda spelling, notes, source: member(
                "arm64", spelling[0], *notes, source=f"localhost:5000/app:{source}", annotations=spelling[1]
            ),
            variants,
            some.lists(some.sampled_from([attestation("arm64", "one"), attestation("arm64", "two")]), max_size=2),
            some.sampled_from("abc"),
        ),
    ),
    min_size=1,
    max_size=7,
).map(lambda found: [member("s390x", "linux/s390x"), *found])


@given(legs, some.randoms(), some.sampled_from(Attestations))
def test_any_order_of_the_members_makes_the_same_bytes(
    members: list[Member], random: Random, attestations: Attestations
) -> None:
    shape = Shape(attestations=attestations)
    shuffled = random.sample(members, len(members))

    assert compose(select(shuffled, shape), shape, "here") == compose(select(members, shape), shape, "here")


@given(legs)
def test_no_platform_and_no_entry_is_listed_twice(members: list[Member]) -> None:
    rows = listed(members, Shape()).manifests
    slots = [row.platform.value.slot for row in rows if row.platform and not row.is_attestation]

    assert len(slots) == len(set(slots))
    assert len({row.digest for row in rows}) == len(rows)


@given(legs)
def test_making_a_list_of_what_was_listed_changes_no_byte(members: list[Member]) -> None:
    once = select(members, Shape())

    assert select(once, Shape()) == once


# --- which go in, in which order


def test_a_list_starts_with_amd64_and_each_image_is_followed_by_its_attestation() -> None:
    assert digests([CHART, ARMV7, ARM64, AMD64], Shape()) == [
        str(digest(content)) for content in ("amd64", "attests amd64", "arm64", "attests arm64", "armv7", "chart")
    ]


def test_the_order_of_the_sources_is_kept_on_request() -> None:
    assert select([CHART, ARMV7, AMD64], Shape(keep_order=True)) == [CHART, ARMV7, AMD64]


def test_only_the_wanted_platforms_go_in() -> None:
    shape = Shape(platforms=(Platform.parse("arm64"), Platform.parse("linux/amd64")))

    assert select([ARMV7, CHART, ARM64, AMD64], shape) == [AMD64, ARM64]


def test_a_wanted_platform_that_no_source_has_is_an_error() -> None:
    shape = Shape(platforms=(Platform.parse("amd64"), Platform.parse("linux/s390x")))

    with pytest.raises(UsageError, match="--platform linux/s390x: no source has it; `regtool inspect` shows"):
        select([AMD64], shape)


@pytest.mark.parametrize("members", [[], [CHART]])
def test_a_list_without_an_image_is_an_error(members: list[Member]) -> None:
    with pytest.raises(UsageError, match="no image is left to list; name at least one source"):
        select(members, Shape())


def test_attestations_are_left_out_on_request() -> None:
    shape = Shape(attestations=Attestations.DROP)

    assert digests([AMD64, ARMV7], shape) == [str(digest("amd64")), str(digest("armv7"))]


@pytest.mark.parametrize("keep_order", [True, False])
def test_two_images_for_one_platform_are_a_conflict_that_names_both(keep_order: bool) -> None:
    one = member("one", "linux/arm64", source="localhost:5000/app:a")
    other = member("other", "linux/arm64/v8", source="localhost:5000/app:b")

    with pytest.raises(ConflictError) as conflict:
        select([AMD64, one, other], Shape(keep_order=keep_order))

    said = str(conflict.value)
    assert said.startswith("two images for linux/arm64")
    assert str(one) in said
    assert str(other) in said
    assert said.endswith("leave one out, or correct its platform with SOURCE=os/arch")


def test_releases_of_windows_are_no_conflict() -> None:
    members = [
        replace(member(version, "windows/amd64"), platform=Platform("windows", "amd64", "", version))
        for version in ("10.0.20348.2402", "10.0.17763.5830")
    ]

    rows = listed(members, Shape()).manifests

    assert [row.platform.os_version for row in rows if row.platform] == ["10.0.17763.5830", "10.0.20348.2402"]


def test_an_image_that_two_sources_bring_goes_in_once_with_the_attestations_of_both() -> None:
    one = member("amd64", "linux/amd64", attestation("amd64", "one"))
    other = member("amd64", "linux/amd64", attestation("amd64", "one"), attestation("amd64", "two"))

    assert digests([one, other], Shape()) == [str(digest(content)) for content in ("amd64", "one", "two")]


def test_one_image_may_serve_two_platforms() -> None:
    data = [member("data", "linux/amd64"), member("data", "linux/arm64")]

    assert digests(data, Shape()) == [str(digest("data"))] * 2


# --- the type


@pytest.mark.parametrize(
    ("wanted", "first", "second", "made"),
    [
        (ListType.AUTO, types.DOCKER_MANIFEST, types.DOCKER_MANIFEST, types.DOCKER_LIST),
        (ListType.AUTO, types.DOCKER_MANIFEST, types.OCI_MANIFEST, types.OCI_INDEX),
        (ListType.AUTO, types.OCI_MANIFEST, types.OCI_MANIFEST, types.OCI_INDEX),
        (ListType.OCI, types.DOCKER_MANIFEST, types.DOCKER_MANIFEST, types.OCI_INDEX),
        (ListType.OCI, types.OCI_MANIFEST, types.DOCKER_MANIFEST, types.OCI_INDEX),
        (ListType.DOCKER, types.DOCKER_MANIFEST, types.DOCKER_MANIFEST, types.DOCKER_LIST),
    ],
)
def test_a_list_is_dockers_only_if_every_entry_is(wanted: ListType, first: str, second: str, made: str) -> None:
    members = [member("a", "linux/amd64", media_type=first), member("b", "linux/arm64", media_type=second)]

    assert listed(members, Shape(type=wanted)).media_type == made


@pytest.mark.parametrize("foreign", [member("b", "linux/arm64"), member("b", "linux/arm64", attestation("b"))])
def test_a_docker_list_cannot_hold_what_is_not_dockers(foreign: Member) -> None:
    members = [member("a", "linux/amd64", media_type=types.DOCKER_MANIFEST), foreign]

    with pytest.raises(ContentError, match="which a Docker manifest list cannot hold; use --type oci, or build with"):
        listed(members, Shape(type=ListType.DOCKER))


def test_annotations_that_would_be_lost_are_refused() -> None:
    docker = member("a", "linux/amd64", media_type=types.DOCKER_MANIFEST)
    annotated = Shape(annotations={"k": "v"})

    with pytest.raises(UsageError, match="the list: a Docker manifest list has no annotations; use --type oci"):
        listed([docker], annotated)
    assert listed([docker], replace(annotated, type=ListType.OCI)).annotations == {"k": "v"}


def test_a_list_larger_than_registries_take_is_refused() -> None:
    shape = Shape(annotations={"k": "v" * 4 * 1024 * 1024})

    with pytest.raises(UsageError, match=r"the list would be \d+ bytes, more than registries take \(4194304\)"):
        listed([AMD64], shape)
