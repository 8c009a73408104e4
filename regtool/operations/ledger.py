"""What has become of the tags of a publication."""

from collections.abc import Sequence
from dataclasses import field
from enum import StrEnum

from regtool.errors import RegtoolError
from regtool.model.reference import Reference
from regtool.planning.plan import Plan, TagMove
from regtool.values import dataclass


class Fate(StrEnum):
    """The state of one tag when a publication ends early, in words for people."""

    UNTOUCHED = "not written"
    WRITTEN = "written and read back"
    PUT_BACK = "put back"
    LEFT = "written, and could not be put back"
    UNKNOWN = "may have been written: the registry does not say"
    TAKEN = "moved by another job meanwhile"
    ACCEPTED = "written, but not read back"
    INVISIBLE = "written, but not visible yet"


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """One tag of one plan on its way. Each is itself alone."""

    plan: Plan
    tag: TagMove

    @property
    def reference(self) -> Reference:
        """The tag by its full name."""
        return self.plan.target.at(self.tag.tag)


@dataclass(slots=True)
class Ledger:
    """The tags to move in their order; those that were `tried`, and of these the ones that the registry `accepted`."""

    moves: tuple[Move, ...]
    fates: dict[Reference, Fate]
    tried: list[Move] = field(default_factory=list)
    accepted: set[Move] = field(default_factory=set)

    @classmethod
    def of(cls, plans: Sequence[Plan]) -> "Ledger":
        """For these plans; nothing is written yet."""
        moves = tuple(Move(plan, move) for plan in plans for move in plan.moves)
        return cls(moves, {move.reference: Fate.UNTOUCHED for move in moves})

    def try_now(self, moves: Sequence[Move]) -> None:
        """Notes that these are about to be written."""
        self.tried += [move for move in moves if move not in self.tried]

    def cut_off(self) -> dict[str, str]:
        """What has become of each tag if the work ends here and now."""
        fates = dict(self.fates)
        for move in self.tried:
            if fates[move.reference] is Fate.UNTOUCHED:
                fates[move.reference] = Fate.ACCEPTED if move in self.accepted else Fate.UNKNOWN
        return {str(reference): fate.value for reference, fate in fates.items()}

    def blame(self, error: RegtoolError) -> RegtoolError:
        """Writes into the error what became of each tag."""
        error.tags = {str(reference): fate.value for reference, fate in self.fates.items()}
        return error
