"""Scopes, and what covers what."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtool.transport.scope import Scope, reads_only
from regtool.transport.shelf import covers, merged


def test_a_scope_prints_as_token_servers_read_it() -> None:
    assert str(Scope.pull("library/alpine")) == "repository:library/alpine:pull"
    assert str(Scope.push("app")) == "repository:app:pull,push"
    assert str(Scope.delete("app")) == "repository:app:pull,push,delete"


def test_only_pull_is_reading() -> None:
    assert reads_only((Scope.pull("a"), Scope.pull("b")))
    assert not reads_only((Scope.pull("a"), Scope.push("b")))
    assert not reads_only(())


@pytest.mark.parametrize(
    ("granted", "wanted", "enough"),
    [
        (["repository:a:pull,push"], ["repository:a:pull"], True),
        (["repository:a:pull"], ["repository:a:pull,push"], False),
        (["repository:a:pull"], ["repository:b:pull"], False),
        (["repository:a:pull", "repository:b:pull"], ["repository:b:pull"], True),
        (["repository:a:pull", "repository:a:push"], ["repository:a:push,pull"], True),
        (["repository:host:5000/a:pull"], ["repository:host:5000/a:pull"], True),
        (["registry:catalog:*"], ["registry:catalog:*"], True),
        ([], [], True),
        ([], ["repository:a:pull"], False),
    ],
)
def test_rights_cover_rights(granted: list[str], wanted: list[str], enough: bool) -> None:
    assert covers(granted, wanted) is enough


def test_merging_puts_first_things_first_and_joins_actions() -> None:
    assert merged(["repository:b:pull"], ["repository:a:pull,push", "repository:b:push,delete"]) == (
        "repository:b:pull,push,delete",
        "repository:a:pull,push",
    )


_scopes = st.lists(st.from_regex(r"repository:[ab]/[cd]:(pull|push|pull,push)", fullmatch=True), max_size=4)


@settings(deadline=None)
@given(_scopes, _scopes)
def test_what_is_merged_covers_both_and_nothing_else(first: list[str], others: list[str]) -> None:
    whole = merged(first, others)

    assert covers(whole, first)
    assert covers(whole, others)
    assert covers([*first, *others], whole)
