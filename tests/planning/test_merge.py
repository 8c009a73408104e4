"""Adding members to those that a list has."""

from regtool.planning.merge import merge
from tests.planning.members import attestation, member


def test_what_is_new_replaces_what_is_there_for_the_same_platform_with_its_attestations() -> None:
    old, stays = member("old", "linux/arm64", attestation("old")), member("amd64", "linux/amd64")
    new = member("new", "linux/arm64/v8")

    assert merge([old, stays], [new]) == [stays, new]


def test_releases_of_windows_are_platforms_of_their_own() -> None:
    old = member("2019", "windows/amd64//10.0.17763.1")
    new = member("2022", "windows/amd64//10.0.20348.1")

    assert merge([old], [new]) == [old, new]


def test_what_runs_nowhere_is_known_by_its_digest() -> None:
    chart, other = member("chart", None), member("other", None)

    assert merge([chart, other], [member("chart", None)]) == [other, chart]


def test_nothing_new_changes_nothing() -> None:
    held = [member("amd64", "linux/amd64")]

    assert merge(held, []) == held
