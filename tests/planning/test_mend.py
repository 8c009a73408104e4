"""Repairing a list, purely: what is changed, what is left as it was, and that it comes to an end."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtool.errors import UsageError
from regtool.model import media_type as types
from regtool.planning.mend import mend
from regtool.planning.repairs import DropRow, SetPlatform, SetSize, families, repaired
from regtool.planning.rules.catalogue import Selection, judge
from regtool.planning.rules.facts import Child, Facts
from tests.planning.lists import SIZE, attestation, child, facts, row

PROOF = Child(media_type=types.OCI_MANIFEST, size=SIZE)


def rows_of(known: Facts) -> list[dict[str, Any]]:
    assert known.index is not None
    rows: list[dict[str, Any]] = known.index.as_json()["manifests"]
    return rows


def test_a_row_that_is_gone_takes_its_attestation_along() -> None:
    known = facts(
        (row("one", "linux/amd64"), child("linux/amd64")),
        (row("two", "linux/arm64"), None),
        (attestation("proof", "two"), PROOF),
    )

    mended = mend(known, Selection())

    assert [finding.code for finding in mended.made] == ["RT201", "RT402"]
    assert rows_of(mended.facts) == [row("one", "linux/amd64")]
    assert mended.left == ()


def test_what_is_not_repaired_keeps_every_field() -> None:
    strange = row("one", "linux/amd64", annotations={"k": "v"}, **{"org.example.unknown": [1, {"x": None}]})
    unknown: dict[str, Any] = {"x-list": 1}
    known = facts((strange, child("linux/amd64")), (row("two", "linux/arm64", size=1), child("linux/arm64")), **unknown)

    mended = mend(known, Selection())

    assert rows_of(mended.facts) == [strange, row("two", "linux/arm64")]
    assert mended.facts.index is not None
    assert mended.facts.index.as_json()["x-list"] == 1


def test_a_new_platform_keeps_what_nobody_knows_of_the_old_one() -> None:
    entry = row("one") | {"platform": {"architecture": "x86_64", "os": "linux", "variant": "v1", "org.example": "kept"}}

    mended = mend(facts((entry, child("linux/amd64"))), Selection())

    assert rows_of(mended.facts)[0]["platform"] == {"architecture": "amd64", "os": "linux", "org.example": "kept"}


def test_two_labels_that_become_the_same_are_seen_as_such() -> None:
    known = facts((row("one", "linux/amd64"), child("linux/amd64")), (row("one", "linux/x86_64"), child("linux/amd64")))

    mended = mend(known, Selection())

    assert rows_of(mended.facts) == [row("one", "linux/amd64")]
    assert mended.left == ()


def test_two_images_for_one_platform_are_left_to_people() -> None:
    known = facts((row("one", "linux/amd64"), child("linux/amd64")), (row("two", "linux/amd64"), child("linux/amd64")))

    mended = mend(known, Selection())

    assert mended.made == ()
    assert [finding.code for finding in mended.left] == ["RT305"]
    assert mended.facts is known


def test_only_what_is_selected_is_repaired() -> None:
    known = facts((row("one", "linux/x86_64", size=1), child("linux/amd64")))

    mended = mend(known, Selection(("RT202",)))

    assert rows_of(mended.facts) == [row("one", "linux/x86_64")]


def test_several_repairs_are_made_at_once() -> None:
    index = facts((row("one", "linux/arm64"), PROOF), (row("two"), PROOF)).index
    assert index is not None
    platform = child("linux/arm/v6").platform
    assert platform is not None

    changed = repaired(index, [SetSize(1, 7), SetPlatform(1, platform), DropRow(0)])

    assert changed.as_json()["manifests"] == [row("two", "linux/arm/v6", size=7)]


def test_families_part_and_keep_their_order() -> None:
    docker = {"mediaType": types.DOCKER_MANIFEST}
    known = facts(
        (row("one", "linux/amd64", **docker), PROOF),
        (row("two", "linux/arm64"), PROOF),
        (attestation("proof", "two"), PROOF),
        annotations={"k": "v"},
    )
    assert known.index is not None

    oci, other = families(known.index, "a list")

    assert oci.as_json()["manifests"] == [row("two", "linux/arm64"), attestation("proof", "two")]
    assert (oci.media_type, oci.annotations) == (types.OCI_INDEX, {"k": "v"})
    assert other.as_json()["manifests"] == [row("one", "linux/amd64", **docker)]
    assert (other.media_type, other.annotations) == (types.DOCKER_LIST, None)


def test_families_do_not_part_an_image_from_its_attestation() -> None:
    known = facts((row("one", mediaType=types.DOCKER_MANIFEST), PROOF), (attestation("proof", "one"), PROOF))
    assert known.index is not None

    with pytest.raises(UsageError, match="would lose it"):
        families(known.index, "a list")


LABELS = st.sampled_from(["linux/amd64", "linux/amd64/v1", "linux/x86_64", "linux/arm64", "linux/arm64/v8", "linux/arm",
                          "linux/arm/v7", "linux/arm/6", "Linux/AMD64", "windows/amd64", None])  # fmt: skip
TRUTHS = st.sampled_from(["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm", "windows/amd64"])
NAMES = st.sampled_from(["one", "two", "three"])
IMAGES = st.tuples(
    st.builds(lambda name, label, size: row(name, label, size=size), NAMES, LABELS, st.sampled_from([SIZE, 1])),
    st.one_of(st.none(), st.builds(child, TRUTHS)),
)
PROOFS = st.tuples(st.builds(attestation, st.just("proof"), st.one_of(st.none(), NAMES)), st.just(PROOF))


@settings(max_examples=300)
@given(st.lists(st.one_of(IMAGES, PROOFS), max_size=6))
def test_nothing_that_can_be_repaired_is_left_and_nothing_new_comes_up(
    rows: list[tuple[dict[str, Any], Child | None]],
) -> None:
    # One digest is one image: the same name has the same child behind it everywhere.
    behind = {entry["digest"]: what for entry, what in reversed(rows)}
    known = facts(*[(entry, behind[entry["digest"]]) for entry, _ in rows])

    mended = mend(known, Selection())

    assert [finding for finding in mended.left if finding.repair] == []
    assert mended.left == judge(mended.facts, Selection())
    assert {entry["digest"] for entry in rows_of(mended.facts)} <= set(behind)
    assert mend(mended.facts, Selection()).made == ()
