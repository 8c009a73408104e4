"""The quick `@dataclass` beside the standard library's: the same class written twice behaves the same."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from regtool import values


def classes(dataclass: Callable[..., Any]) -> dict[str, Any]:
    """A few classes as regtool has them, made with one decorator or the other."""

    @dataclass(frozen=True, slots=True, order=True)
    class Pair:
        """A pair."""

        left: int
        right: int = 2

        def total(self) -> int:
            return self.left + self.right

    @dataclass(frozen=True, slots=True)
    class Secret:
        name: str
        word: str = dataclasses.field(repr=False)
        note: str = dataclasses.field(default="", compare=False)
        more: dict[str, int] = dataclasses.field(default_factory=dict)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options:
        plain: bool = False
        name: str

    @dataclass(frozen=True, slots=True)
    class Checked:
        number: int

        def __post_init__(self) -> None:
            if self.number < 0:
                raise ValueError(self.number)

    @dataclass(frozen=True, slots=True)
    class Triple(Pair):
        last: int = 3

    @dataclass(slots=True)
    class Mutable:
        count: int = 0

    @dataclass(slots=True, eq=False)
    class Failure(Exception):
        why: str

        def __str__(self) -> str:
            return self.why

    @dataclass(frozen=True, slots=True)
    class Nothing:
        pass

    @dataclass(frozen=True)
    class Open:
        number: int = 1

    found = (Pair, Secret, Options, Checked, Triple, Mutable, Failure, Nothing, Open)
    return {made.__name__: made for made in found}


OURS, THEIRS = classes(values.dataclass), classes(dataclasses.dataclass)
BUILT: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "Pair": ((1,), {}),
    "Secret": (("me", "hush"), {"more": {"a": 1}}),
    "Options": ((), {"name": "x"}),
    "Checked": ((3,), {}),
    "Triple": ((1, 5), {"last": 4}),
    "Mutable": ((), {}),
    "Failure": (("so",), {}),
    "Nothing": ((), {}),
    "Open": ((), {}),
}


def both(name: str) -> tuple[Any, Any]:
    positional, named = BUILT[name]
    return OURS[name](*positional, **named), THEIRS[name](*positional, **named)


def names(made: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(made)]


@pytest.mark.parametrize("name", BUILT)
class TestEveryClass:
    def test_shows_itself_the_same(self, name: str) -> None:
        ours, theirs = both(name)

        assert (repr(ours), str(ours)) == (repr(theirs), str(theirs))

    def test_has_the_same_signature_fields_and_slots(self, name: str) -> None:
        ours, theirs = OURS[name], THEIRS[name]

        assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)
        assert [field.name for field in dataclasses.fields(ours)] == [
            field.name for field in dataclasses.fields(theirs)
        ]
        assert ours.__match_args__ == theirs.__match_args__
        assert ours.__dict__.get("__slots__") == theirs.__dict__.get("__slots__")
        assert ours.__qualname__ == theirs.__qualname__

    def test_compares_and_hashes_the_same(self, name: str) -> None:
        (one, theirs), (two, _) = both(name), both(name)

        assert (one == two) == (theirs == both(name)[1])
        assert one != theirs
        assert (type(one).__hash__ is None) == (type(theirs).__hash__ is None)

    def test_can_be_changed_or_not(self, name: str) -> None:
        for made in both(name):
            frozen = dataclasses.is_dataclass(made) and type(made).__name__ not in ("Mutable", "Failure")
            for field in dataclasses.fields(made):
                if frozen:
                    with pytest.raises(dataclasses.FrozenInstanceError, match=f"assign to field '{field.name}'"):
                        setattr(made, field.name, None)
                    with pytest.raises(dataclasses.FrozenInstanceError, match=f"delete field '{field.name}'"):
                        delattr(made, field.name)
                else:
                    setattr(made, field.name, None)

    def test_refuses_the_same_arguments(self, name: str) -> None:
        for wrong in ((1, 2, 3, 4, 5), ()):
            outcomes = []
            for made in (OURS[name], THEIRS[name]):
                try:
                    outcomes.append(repr(made(*wrong, **({} if wrong else {"unknown": 1}))))
                except TypeError as error:
                    outcomes.append(str(error).rpartition("__init__")[2])
            assert outcomes[0] == outcomes[1]


def test_the_hash_counts_what_equality_counts() -> None:
    pair, secret = OURS["Pair"], OURS["Secret"]

    assert {pair(1), pair(1, 2), pair(2)} == {pair(1), pair(2)}
    assert secret("a", "b", "one", {}) == secret("a", "b", "two", {})
    with pytest.raises(TypeError, match="unhashable"):
        hash(secret("a", "b"))


def test_the_order_is_that_of_the_fields() -> None:
    pair = OURS["Pair"]

    assert sorted([pair(2, 1), pair(1, 2), pair(1, 1)]) == [pair(1, 1), pair(1, 2), pair(2, 1)]
    assert pair(1) <= pair(1)
    assert pair(2) > pair(1) >= pair(1)
    with pytest.raises(TypeError):
        pair(1) < OURS["Triple"](1)  # noqa: B015


def test_defaults_that_are_made_are_made_for_each() -> None:
    one, two = OURS["Secret"]("a", "b"), OURS["Secret"]("a", "b")

    assert one.more == {}
    assert one.more is not two.more


def test_a_check_after_the_construction_runs() -> None:
    with pytest.raises(ValueError, match="-1"):
        OURS["Checked"](-1)


def test_a_subclass_can_be_built_before_its_base() -> None:
    made = classes(values.dataclass)

    assert made["Triple"](1).total() == 3
    assert made["Pair"](1).total() == 3


def test_values_can_be_replaced_matched_and_copied() -> None:
    pair = OURS["Pair"](1)

    assert dataclasses.replace(pair, left=5) == OURS["Pair"](5)
    assert copy.deepcopy(pair) == copy.copy(pair) == pair
    match pair:
        case values_pair if isinstance(values_pair, OURS["Pair"]):
            assert dataclasses.asdict(pair) == {"left": 1, "right": 2}


def test_values_travel_between_processes() -> None:
    from regtool.model.digest import Digest

    digest = Digest.of(b"x")

    assert pickle.loads(pickle.dumps(digest)) == digest


def test_nothing_is_compiled_before_its_use() -> None:
    made = classes(values.dataclass)["Pair"]

    assert not inspect.isfunction(made.__dict__["__init__"])
    made(1)
    assert inspect.isfunction(made.__dict__["__init__"])
