"""The line that says how far a long run is."""

import io
import sys

import pytest

from regtool.cli.live import Live


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(terminal: io.StringIO, *, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stderr", terminal)
    live = Live(wanted=wanted)
    live.update(5, 10, "names\x1b[2J")
    live.update(6, 10, "too soon for another one")
    live.clear()
    live.clear()
    return terminal.getvalue()


def test_it_is_drawn_on_a_terminal_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = drawn(Terminal(), wanted=True, monkeypatch=monkeypatch)

    assert seen == "\r\x1b[K[##########          ] 5/10 names\\x1b[2J\r\x1b[K"


def test_nobody_who_does_not_watch_sees_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(io.StringIO(), wanted=True, monkeypatch=monkeypatch) == ""
    assert drawn(Terminal(), wanted=False, monkeypatch=monkeypatch) == ""
