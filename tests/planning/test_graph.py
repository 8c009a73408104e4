import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.planning.graph import Graph, Node


def digest(name: str) -> Digest:
    return Digest("sha256", hashlib.sha256(name.encode()).hexdigest())


def node(name: str, *children: str, subject: str | None = None) -> Node:
    return Node(digest(name), tuple(map(digest, children)), digest(subject) if subject else None)


def graph(tags: dict[str, str], *nodes: Node) -> Graph:
    return Graph({Tag(tag): digest(name) for tag, name in tags.items()}, {one.digest: one for one in nodes})


def live(found: Graph, *roots: str) -> set[str]:
    known = {digest(name): name for name in NAMES}
    return {known[one] for one in found.live(map(digest, roots))}


NAMES = ("list", "inner", "image", "other", "sbom", "signature", "fallback")


class TestLife:
    def test_a_list_keeps_its_entries_however_deep(self) -> None:
        found = graph({}, node("list", "inner"), node("inner", "image"), node("image"), node("other"))

        assert live(found, "list") == {"list", "inner", "image"}

    def test_what_refers_to_something_live_is_live_and_so_on(self) -> None:
        found = graph({}, node("image"), node("sbom", subject="image"), node("signature", subject="sbom"))

        assert live(found, "image") == {"image", "sbom", "signature"}

    def test_a_live_referrer_keeps_its_subject(self) -> None:
        found = graph({}, node("list", "image"), node("image"), node("sbom", subject="list"))

        assert live(found, "sbom") == {"sbom", "list", "image"}

    @pytest.mark.parametrize("suffix", ["", ".sig"])
    def test_a_tag_that_stands_for_referrers_lives_with_its_subject(self, suffix: str) -> None:
        tag = digest("image").as_tag + suffix
        found = graph({tag: "fallback"}, node("image"), node("fallback", "sbom"), node("sbom"), node("other"))

        assert live(found, "image") == {"image", "fallback", "sbom"}
        assert live(found, "other") == {"other"}
        assert found.companions() == {Tag(tag): digest("image")}

    def test_a_circle_comes_to_an_end(self) -> None:
        found = graph({}, node("list", "inner"), node("inner", "list"))

        assert live(found, "list") == {"list", "inner"}


class TestNeeds:
    def test_are_named_by_tag_where_there_is_one(self) -> None:
        found = graph(
            {"1.0": "list", "arm": "image"},
            node("list", "image"), node("inner", "image"), node("image"), node("sbom", subject="image"),
        )  # fmt: skip
        said = [(str(need.by), need.how) for need in found.needs_of(digest("image"), [])]

        assert said == [
            ("arm", "points at it"),
            ("1.0", "lists it"),
            (str(digest("inner")), "lists it"),
            (str(digest("sbom")), "refers to it"),
        ]

    def test_those_that_leave_too_need_nothing(self) -> None:
        found = graph({}, node("list", "image"), node("image"))

        assert found.needs_of(digest("image"), [digest("list")]) == []

    def test_the_tag_that_lists_a_referrer_under_its_subject_does_not_need_it(self) -> None:
        tag = digest("image").as_tag
        found = graph({tag: "fallback"}, node("image"), node("fallback", "sbom"), node("sbom", subject="image"))

        assert found.needs_of(digest("sbom"), []) == []
        assert found.listing(digest("sbom")) == Tag(tag)

    def test_but_such_a_list_with_another_tag_does(self) -> None:
        tags = {digest("image").as_tag: "fallback", "1.0": "fallback"}
        found = graph(tags, node("image"), node("fallback", "sbom"), node("sbom", subject="image"))

        assert [need.how for need in found.needs_of(digest("sbom"), [])] == ["lists it"]


def test_unread_is_what_is_named_and_not_known() -> None:
    found = graph({"1.0": "list"}, node("list", "image"), node("sbom", subject="other"))

    assert found.unread == {digest("image"), digest("other")}


@given(some.lists(some.tuples(some.integers(0, 9), some.integers(0, 9)), max_size=30))
def test_what_needs_something_comes_before_it(edges: list[tuple[int, int]]) -> None:
    needs: dict[int, list[str]] = {number: [] for number in range(10)}
    for one, other in edges:
        if one != other:
            needs[min(one, other)].append(str(max(one, other)))
    found = graph({}, *(node(str(number), *children) for number, children in needs.items()))
    order = found.outermost_first(found.nodes)

    assert sorted(order) == sorted(found.nodes)
    for number, children in needs.items():
        for child in children:
            assert order.index(digest(str(number))) < order.index(digest(child))
