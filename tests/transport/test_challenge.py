"""`WWW-Authenticate`, as standards have it and as servers write it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtool.transport.challenge import Challenge, choose, parse_challenges

HUB = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/a:pull"'


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([HUB], [("bearer", {"realm": "https://auth.docker.io/token", "service": "registry.docker.io",
                             "scope": "repository:library/a:pull"})]),
        (["basic"], [("basic", {})]),
        (['BASIC ReAlM="x"'], [("basic", {"realm": "x"})]),
        (['Bearer realm="a,b = \\"c\\"", service=plain'], [("bearer", {"realm": 'a,b = "c"', "service": "plain"})]),
        (['Bearer realm="r" , service="s",error="insufficient_scope"'],
         [("bearer", {"realm": "r", "service": "s", "error": "insufficient_scope"})]),
        (['Negotiate, Bearer realm="r", Basic realm="b"'],
         [("negotiate", {}), ("bearer", {"realm": "r"}), ("basic", {"realm": "b"})]),
        (['Bearer realm="r"', 'Basic realm="b"'], [("bearer", {"realm": "r"}), ("basic", {"realm": "b"})]),
        (['Bearer realm="r",realm="evil"'], [("bearer", {"realm": "r"})]),
        (['Bearer realm = "r"'], [("bearer", {"realm": "r"})]),
        (["Bearer realm=https://a/token?x=y"], [("bearer", {"realm": "https://a/token?x=y"})]),
        (['Bearer realm="unfinished'], [("bearer", {"realm": ""})]),
        ([""], []), ([",,,"], []), (['="x"'], []), (['realm="x"'], []),
    ],
)  # fmt: skip
def test_challenges_are_read_as_they_are_meant(headers: list[str], expected: list[tuple[str, dict[str, str]]]) -> None:
    found = [(challenge.scheme, dict(challenge.parameters)) for challenge in parse_challenges(headers)]

    assert [(scheme, parameters) for scheme, parameters in found if scheme in dict(expected)] == expected


def test_several_scopes_in_one_parameter_are_taken_apart() -> None:
    challenge = parse_challenges(['Bearer realm="r",scope="repository:a:pull  repository:b:pull,push"'])[0]

    assert challenge.scopes == ("repository:a:pull", "repository:b:pull,push")


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        (['Basic realm="b"', 'Bearer realm="r"'], "bearer"),
        (['Bearer service="no realm"', "Basic"], "basic"),
        (["Negotiate", "NTLM"], None),
        (["Bearer"], None),
        ([], None),
    ],
)
def test_bearer_is_chosen_before_basic_and_nothing_else(headers: list[str], scheme: str | None) -> None:
    chosen = choose(parse_challenges(headers))

    assert (chosen.scheme if chosen else None) == scheme


_token = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
_value = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


@settings(deadline=None)
@given(st.lists(st.tuples(_token, st.dictionaries(_token, _value, max_size=4)), min_size=1, max_size=4), st.booleans())
def test_what_was_written_by_the_book_is_read_back(written: list[tuple[str, dict[str, str]]], apart: bool) -> None:
    def quoted(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    texts = [
        " ".join([scheme, ", ".join(f"{name}={quoted(value)}" for name, value in parameters.items())]).strip()
        for scheme, parameters in written
    ]
    assert parse_challenges(texts if apart else [", ".join(texts)]) == [Challenge(*pair) for pair in written]


@settings(deadline=None)
@given(st.lists(st.text(), max_size=4))
def test_no_header_is_too_strange(headers: list[str]) -> None:
    for challenge in parse_challenges(headers):
        assert challenge.scheme == challenge.scheme.lower()
        assert challenge.scopes == tuple(challenge.get("scope").split())


@pytest.mark.parametrize(
    "header", ["Bearer " + "a=" * 50_000, '"' * 100_000, "Bearer " + '\\"' * 50_000, "a " * 60_000]
)
def test_a_long_header_takes_no_long_time(header: str) -> None:
    parse_challenges([header])
