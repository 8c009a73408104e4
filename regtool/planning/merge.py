"""Adding to a list: what comes new replaces what is there for the same platform."""

from collections.abc import Sequence

from regtool.planning.member import Member


def merge(held: Sequence[Member], new: Sequence[Member]) -> list[Member]:
    """The members of a list after `new` ones were added. A replaced image takes its attestations with it."""
    replaced = {_slot(member) for member in new}
    return [*(member for member in held if _slot(member) not in replaced), *new]


def _slot(member: Member) -> object:
    return member.platform.slot if member.platform else member.digest
