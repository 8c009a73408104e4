from random import Random

from hypothesis import given
from hypothesis import strategies as some

from regtool.documents.descriptor import Descriptor
from regtool.documents.index import Index
from regtool.documents.manifest import Manifest
from regtool.model import media_type as types
from regtool.planning.difference import Change, difference, offers
from tests.documents.samples import root
from tests.planning.members import attestation, digest, entry


def listing(*rows: Descriptor) -> Manifest:
    return Manifest.written(types.OCI_INDEX, Index.of(types.OCI_INDEX, list(rows)).to_bytes(), "here")


def told(before: Manifest | None, after: Manifest) -> list[tuple[str, str]]:
    return [(str(change.platform), change.kind.value) for change in difference(before, after)]


def test_every_platform_is_new_where_nothing_was() -> None:
    after = listing(entry("b", "linux/arm64"), entry("a", "linux/amd64"))

    assert told(None, after) == [("linux/amd64", "added"), ("linux/arm64", "added")]


def test_each_platform_is_same_changed_added_or_removed() -> None:
    before = listing(entry("a", "linux/amd64"), entry("b", "linux/arm64"), entry("s", "linux/s390x"))
    after = listing(entry("c", "linux/arm/v7"), entry("d", "linux/arm64"), entry("a", "linux/amd64"))

    assert told(before, after) == [
        ("linux/amd64", "same"),
        ("linux/arm64", "changed"),
        ("linux/arm/v7", "added"),
        ("linux/s390x", "removed"),
    ]


def test_a_change_names_both_digests() -> None:
    (change,) = difference(listing(entry("a", "linux/amd64")), listing(entry("b", "linux/amd64")))

    assert change.kind is Change.CHANGED
    assert (change.before, change.after) == (digest("a"), digest("b"))


def test_spellings_of_one_platform_are_one_platform() -> None:
    before, after = listing(entry("a", "linux/arm64/v8")), listing(entry("a", "linux/arm64"))

    assert told(before, after) == [("linux/arm64", "same")]


def test_attestations_are_no_platform() -> None:
    before = listing(entry("a", "linux/amd64"), attestation("a", "old"))
    after = listing(entry("a", "linux/amd64"), attestation("a", "new"))

    assert told(before, after) == [("linux/amd64", "same")]


def test_of_two_entries_for_one_platform_the_first_counts_as_clients_take_it() -> None:
    twice = listing(entry("a", "linux/amd64"), entry("b", "linux/amd64"))

    (change,) = difference(twice, listing(entry("a", "linux/amd64")))

    assert change.kind is Change.SAME


def test_entries_without_platform_are_told_by_digest_and_come_last() -> None:
    charts = [entry(f"chart {number}") for number in range(5)]

    changes = difference(None, listing(*charts, entry("a", "linux/amd64")))

    assert [change.after for change in changes] == [digest("a"), *sorted(chart.digest for chart in charts)]


def test_a_single_image_is_one_offer_without_platform() -> None:
    single = root("amd64.oci.tar")

    assert list(offers(single)) == [None]
    assert told(single, single) == [("None", "same")]
    assert offers(None) == {}


def test_a_list_in_place_of_an_image_adds_platforms_and_removes_the_image() -> None:
    changes = told(root("amd64.oci.tar"), root("amd64.attested.oci.tar"))

    assert changes == [("linux/amd64", "added"), ("None", "removed")]


rows = some.lists(
    some.sampled_from(
        [entry(content, platform) for content in "ab" for platform in ("linux/amd64", "linux/arm64", "linux/arm/v7")]
        + [entry("chart"), entry("other chart")]
    ),
    unique_by=lambda row: row.platform.value.slot if row.platform else row.digest,
)


@given(rows, rows, some.randoms())
def test_the_order_of_entries_makes_no_difference(
    before: list[Descriptor], after: list[Descriptor], random: Random
) -> None:
    shuffled = listing(*random.sample(before, len(before))), listing(*random.sample(after, len(after)))

    assert difference(*shuffled) == difference(listing(*before), listing(*after))


@given(rows)
def test_a_list_does_not_differ_from_itself(found: list[Descriptor]) -> None:
    changes = difference(listing(*found), listing(*found))

    assert len(changes) == len(found)
    assert all(change.kind is Change.SAME for change in changes)
