"""The journal: what each tag was before regtool moved it, so that `regtool undo` can take it back.

One file of JSON lines in the state directory of this machine's user. A line is written right before its tag moves:
if the run is cut off in between, the journal says more than happened, never less, and `undo` can tell. The file is
bounded: when it is full, its older half goes.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from os import SEEK_END
from pathlib import Path
from typing import Self

from regtool.errors import RegtoolError, StorageError
from regtool.model.digest import Digest
from regtool.model.reference import Reference, Repository
from regtool.operations.events import Listener, Note, ignore
from regtool.planning.plan import Plan
from regtool.planning.removal import Removal
from regtool.stores.layout_files import disk, locked, write_whole
from regtool.values import dataclass

LIMIT = 4 * 1024 * 1024  # bytes; some 10,000 moves of tags
_LONGEST_COMMAND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One tag that moved: from `was` to `now`, None meaning that there is no such tag.

    `run` is shared by everything that one command did, and `undoes` names the run that this one took back.
    """

    at: datetime
    run: str
    command: str
    reference: Reference
    was: Digest | None
    now: Digest | None
    undoes: str | None = None

    def to_line(self) -> bytes:
        """The record as a line of the file."""
        fields = {
            "at": self.at.isoformat(timespec="milliseconds"),
            "run": self.run,
            "command": self.command,
            "reference": str(self.reference),
            "was": str(self.was) if self.was else None,
            "now": str(self.now) if self.now else None,
        }
        return json.dumps(fields | ({"undoes": self.undoes} if self.undoes else {})).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Self | None:
        """Reads a line; None for one that was cut off, or that another version wrote in another form."""
        try:
            fields = json.loads(line)
            return cls(
                at=datetime.fromisoformat(fields["at"]).astimezone(UTC),
                run=str(fields["run"]),
                command=str(fields["command"]),
                reference=Reference.parse(fields["reference"]),
                was=_digest(fields["was"]),
                now=_digest(fields["now"]),
                undoes=fields.get("undoes"),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RegtoolError):
            return None


class Journal:
    """The journal at `path`, and the run that writes to it: `command` says what moves the tags.

    A journal that cannot be written never stops the work; `listen` is told.
    """

    def __init__(self, path: Path, command: str, listen: Listener = ignore, *, undoes: str | None = None) -> None:
        self._path = path
        self._command = command[:_LONGEST_COMMAND]
        self._listen = listen
        self._undoes = undoes
        self._run = os.urandom(16).hex()

    def moving(self, plans: Sequence[Plan]) -> None:
        """Records the tags that these plans are about to move."""
        moving = [(plan.target, move) for plan in plans if not plan.pins for move in plan.moves]
        self._write((target.at(move.tag), move.was, move.to) for target, move in moving)

    def removing(self, removal: Removal) -> None:
        """Records the tags that are about to be removed."""
        self._write((removal.target.at(drop.tag), drop.was, None) for drop in removal.drops)

    def records(self) -> list[Record]:
        """Everything that is recorded, the oldest first. Raises StorageError if the file cannot be read."""
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageError(str(self._path), f"cannot be read: {error.strerror}") from None
        return [record for record in map(Record.parse, lines) if record]

    def _write(self, moves: Iterable[tuple[Reference, Digest | None, Digest | None]]) -> None:
        at = datetime.now(UTC)
        records = [
            Record(at=at, run=self._run, command=self._command, reference=from_anywhere(reference), was=was, now=now,
                   undoes=self._undoes)
            for reference, was, now in moves
        ]  # fmt: skip
        if not records:
            return
        try:
            self._append(b"".join(record.to_line() for record in records))
        except (OSError, StorageError) as error:
            self._listen(Note(f"this cannot be undone by `regtool undo`, as the journal cannot be written: {error}"))

    def _append(self, lines: bytes) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with disk(self._path), locked(self._path.with_suffix(".lock")):
            with self._path.open("ab+") as file:
                size = file.seek(0, SEEK_END)
                file.seek(max(0, size - 1))
                # A line that a run left unfinished must not swallow this one.
                lines = lines if file.read() in (b"", b"\n") else b"\n" + lines
                if size + len(lines) <= LIMIT:
                    file.write(lines)
                    return
            write_whole(self._path, _newer_half(self._path.read_bytes()) + lines)


def from_anywhere(reference: Reference) -> Reference:
    """The same image by a name that means it in every directory: the path of a layout or an archive made absolute."""
    place = reference.place
    return (
        reference
        if isinstance(place, Repository)
        else replace(reference, place=replace(place, path=place.path.resolve()))
    )


def _newer_half(content: bytes) -> bytes:
    """The younger lines of a journal that is full."""
    return content[content.find(b"\n", len(content) // 2) + 1 :]


def _digest(text: str | None) -> Digest | None:
    return Digest.parse(text) if text is not None else None
