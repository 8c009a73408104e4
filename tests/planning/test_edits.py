import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import MAX_MANIFEST, Manifest
from regtool.errors import ConflictError, ContentError, UsageError
from regtool.model import media_type as types
from regtool.model.platform import Platform
from regtool.planning.edits import Annotate, Append, Edit, Relabel, Remove, SetLeg, SetOsVersion, edited
from regtool.planning.member import Member
from regtool.planning.rows import Entries
from tests.planning.members import attestation, digest, member

AMD64 = member("amd64", "linux/amd64", attestation("amd64"))
ARM64 = member("arm64", "linux/arm64", attestation("arm64"))
NEW_ARM64 = member("new arm64", "linux/arm64", attestation("new arm64"))
ARMV7 = member("armv7", "linux/arm/v7")
WIN_2019 = member("2019", Platform.parse("windows(10.0.17763.1)/amd64"))
WIN_2022 = member("2022", Platform.parse("windows(10.0.20348.1)/amd64"))


def row(entry: Descriptor, **unknown: Any) -> dict[str, Any]:
    return {**entry.as_json(), **unknown}


def listing(*members: Member, media_type: str = types.OCI_INDEX, **fields: Any) -> Manifest:
    """A list of these members, with a field that nobody knows on the list, on each row, and in each platform."""
    rows = [row(entry, **{"x-row": [1, {"deep": 1.5}]}) for one in members for entry in one.entries]
    for one in rows:
        if "platform" in one:
            one["platform"] = {**one["platform"], "x-cpu": "v3"}
    document = {"schemaVersion": 2, "mediaType": media_type, "x-list": None, "manifests": rows, **fields}
    return Manifest.written(media_type, json.dumps(document).encode(), "app:1.0")


def rows(manifest: Manifest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = manifest.document["manifests"]
    return found


def names(manifest: Manifest) -> list[str]:
    return [str(entry.digest) for entry in manifest.as_index().manifests]


def digests(*members: Member) -> list[str]:
    return [str(entry.digest) for one in members for entry in one.entries]


def remove(which: str) -> Remove:
    return Remove(Entries.parse(which))


class TestSettingALeg:
    def test_replaces_the_image_and_its_attestation_where_they_were(self) -> None:
        after = edited(listing(AMD64, ARM64, ARMV7), [SetLeg(Platform.parse("arm64"), NEW_ARM64)])

        assert names(after) == digests(AMD64, NEW_ARM64, ARMV7)

    def test_adds_a_platform_where_a_written_list_would_have_it(self) -> None:
        after = edited(listing(AMD64, ARMV7), [SetLeg(Platform.parse("arm64"), ARM64)])

        assert names(after) == digests(AMD64, ARM64, ARMV7)

    def test_changes_nothing_if_it_is_there(self) -> None:
        before = listing(AMD64, ARM64)

        assert edited(before, [SetLeg(Platform.parse("arm64"), ARM64)]) is before

    def test_brings_an_attestation_that_was_missing(self) -> None:
        bare = member("arm64", "linux/arm64")
        after = edited(listing(AMD64, bare), [SetLeg(Platform.parse("arm64"), ARM64)])

        assert names(after) == digests(AMD64, ARM64)

    def test_makes_one_of_two_that_were_there_for_the_platform(self) -> None:
        after = edited(listing(AMD64, ARM64, NEW_ARM64), [SetLeg(Platform.parse("arm64"), ARM64)])

        assert names(after) == digests(AMD64, ARM64)

    def test_asks_which_release_of_windows_is_meant(self) -> None:
        other = member("other", Platform.parse("windows(10.0.20348.2)/amd64"))
        with pytest.raises(
            UsageError, match=r"names more than one image .* it has windows\(10.0.17763.1\)/amd64, windows"
        ):
            edited(listing(WIN_2019, WIN_2022), [SetLeg(Platform.parse("windows/amd64"), other)])

    def test_replaces_the_release_of_windows_that_is_named(self) -> None:
        after = edited(listing(WIN_2019, WIN_2022), [SetLeg(Platform.parse("windows(10.0.20348.1)/amd64"), WIN_2022)])

        assert names(after) == digests(WIN_2019, WIN_2022)


class TestAppending:
    def test_adds_what_is_not_there(self) -> None:
        assert names(edited(listing(AMD64), [Append(ARM64)])) == digests(AMD64, ARM64)

    def test_refuses_a_second_image_for_a_platform(self) -> None:
        with pytest.raises(ConflictError, match=r"two images for linux/arm64: .* in app:1.0; use --set to replace one"):
            edited(listing(AMD64, ARM64), [Append(NEW_ARM64)])

    def test_an_image_that_is_there_already_changes_nothing(self) -> None:
        before = listing(AMD64, ARM64)

        assert edited(before, [Append(AMD64)]) is before


class TestRemoving:
    def test_takes_the_attestations_along(self) -> None:
        assert names(edited(listing(AMD64, ARM64), [remove("linux/amd64")])) == digests(ARM64)

    def test_by_digest_an_attestation_alone(self) -> None:
        after = edited(listing(AMD64, ARM64), [remove(str(AMD64.attestations[0].digest))])

        assert names(after) == [str(AMD64.digest), *digests(ARM64)]

    def test_keeps_the_attestations_of_an_image_that_is_still_listed(self) -> None:
        twice = member("arm64", "linux/arm64/v9")
        after = edited(listing(ARM64, twice), [remove("linux/arm64/v9")])

        assert names(after) == digests(ARM64)

    def test_takes_every_release_of_windows_if_none_is_named(self) -> None:
        after = edited(listing(AMD64, WIN_2019, WIN_2022), [remove("windows/amd64")])

        assert names(after) == digests(AMD64)

    @pytest.mark.parametrize("which", ["linux/s390x", str(digest("nobody"))])
    def test_refuses_what_is_not_there_and_says_what_is(self, which: str) -> None:
        with pytest.raises(UsageError, match=r"is not in app:1.0; it has linux/amd64, linux/arm64"):
            edited(listing(AMD64, ARM64), [remove(which)])

    def test_refuses_to_leave_no_image(self) -> None:
        with pytest.raises(UsageError, match=r"app:1.0: would have no image left; `regtool rm` removes a tag"):
            edited(listing(AMD64), [remove("linux/amd64")])


class TestLabels:
    def test_a_corrected_platform_keeps_what_regtool_does_not_know_of_it(self) -> None:
        wrong = member("arm64", "linux/amd64")
        after = edited(listing(ARMV7, wrong), [Relabel(Entries(wrong.digest), Platform.parse("aarch64"))])

        assert rows(after)[1]["platform"] == {"architecture": "arm64", "os": "linux", "x-cpu": "v3"}

    def test_an_os_version_stays_with_its_os_and_goes_with_it(self) -> None:
        def relabelled(platform: str) -> Any:
            after = edited(listing(WIN_2022), [Relabel(Entries(WIN_2022.digest), Platform.parse(platform))])
            return rows(after)[0]["platform"].get("os.version")

        assert relabelled("windows/arm64") == "10.0.20348.1"
        assert relabelled("windows(10.0.1)/arm64") == "10.0.1"
        assert relabelled("linux/arm64") is None

    def test_an_os_version_can_be_set_alone(self) -> None:
        bare = member("2022", "windows/amd64")
        after = edited(listing(bare), [SetOsVersion(Entries.parse("windows/amd64"), "10.0.20348.9")])

        assert rows(after)[0]["platform"]["os.version"] == "10.0.20348.9"

    def test_a_label_that_another_image_has_is_refused(self) -> None:
        with pytest.raises(ConflictError, match="two images for linux/amd64"):
            edited(listing(AMD64, ARM64), [Relabel(Entries(ARM64.digest), Platform.parse("amd64"))])


class TestAnnotations:
    def test_of_the_list_and_of_one_entry(self) -> None:
        edits = [Annotate("a", "1"), Annotate("b", "2", Entries.parse("linux/arm64"))]
        after = edited(listing(AMD64, ARM64), edits)

        assert after.document["annotations"] == {"a": "1"}
        assert [one.get("annotations", {}).get("b") for one in rows(after)] == [None, None, "2", None]

    def test_the_last_one_that_is_removed_takes_the_object_along(self) -> None:
        before = listing(AMD64, annotations={"a": "1"})

        assert "annotations" not in edited(before, [Annotate("a", None)]).document

    def test_one_that_is_not_there_cannot_be_removed(self) -> None:
        with pytest.raises(UsageError, match="annotation a: is not in app:1.0"):
            edited(listing(AMD64), [Annotate("a", None)])

    def test_a_docker_list_has_none(self) -> None:
        with pytest.raises(UsageError, match="a Docker manifest list has no annotations"):
            edited(listing(ARMV7, media_type=types.DOCKER_LIST), [Annotate("a", "1")])


def test_a_docker_list_takes_no_oci_image() -> None:
    with pytest.raises(ContentError, match="which the Docker manifest list app:1.0 cannot hold; merge all of it anew"):
        edited(listing(ARMV7, media_type=types.DOCKER_LIST), [Append(AMD64)])


def test_a_list_larger_than_registries_take_is_refused() -> None:
    with pytest.raises(UsageError, match="more than registries take"):
        edited(listing(AMD64), [Annotate("a", "x" * MAX_MANIFEST)])


def test_one_image_is_no_list() -> None:
    document = {"schemaVersion": 2, "config": AMD64.descriptor.as_json(), "layers": []}
    image = Manifest.written(types.OCI_MANIFEST, json.dumps(document).encode(), "app:1.0")
    with pytest.raises(ContentError, match="is no list"):
        edited(image, [Annotate("a", "1")])


def test_a_list_that_was_broken_before_can_be_edited_elsewhere() -> None:
    after = edited(listing(ARM64, NEW_ARM64), [Annotate("a", "1")])

    assert names(after) == digests(ARM64, NEW_ARM64)


MEMBERS = {"linux/amd64": AMD64, "linux/arm64": ARM64, "linux/arm/v7": ARMV7, "windows(10.0.20348.1)/amd64": WIN_2022}
TOUCH: dict[str, Callable[[str], Edit]] = {
    "set": lambda name: SetLeg(Platform.parse(name), member(f"another {name}", Platform.parse(name))),
    "remove": remove,
    "label": lambda name: Relabel(Entries.parse(name), Platform.parse("linux/riscv64")),
    "version": lambda name: SetOsVersion(Entries.parse(name), "10.0.1"),
    "annotate": lambda name: Annotate("k", "v", Entries.parse(name)),
}


@given(some.sampled_from(sorted(MEMBERS)), some.sampled_from(sorted(TOUCH)), some.permutations(sorted(MEMBERS)))
def test_what_an_edit_does_not_name_stays_as_it_was(name: str, kind: str, order: list[str]) -> None:
    before = listing(*(MEMBERS[one] for one in order))
    read = deepcopy(before.document)
    after = edited(before, [TOUCH[kind](name)])

    touched = {str(entry.digest) for entry in MEMBERS[name].entries}
    untouched = [one for one in read["manifests"] if one["digest"] not in touched]
    assert before.document == read
    assert [one for one in rows(after) if one in untouched] == untouched
    assert {key: value for key, value in after.document.items() if key != "manifests"} == {
        key: value for key, value in read.items() if key != "manifests"
    }
