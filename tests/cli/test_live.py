"""The line that says how far a long run is."""

import io

from regtool.cli.live import Live, meter


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that a test winds."""

    now = 1.0

    def __call__(self) -> float:
        return self.now


def drawn(terminal: io.StringIO, *texts: str, wanted: bool = True) -> str:
    live = Live(terminal, wanted=wanted, clock=Clock())
    for text in texts:
        live.draw(lambda text=text: text)  # type: ignore[misc]
    live.clear()
    live.clear()
    return terminal.getvalue()


def test_it_is_drawn_on_a_terminal_and_leaves_no_trace() -> None:
    assert drawn(Terminal(), "names\x1b[2J", "too soon for another one") == "\r\x1b[Knames\\x1b[2J\r\x1b[K"


def test_it_never_wraps() -> None:
    assert drawn(Terminal(), "x" * 1000).count("x") < 1000


def test_nobody_who_does_not_watch_sees_anything() -> None:
    assert drawn(io.StringIO(), "words") == ""
    assert drawn(Terminal(), "words", wanted=False) == ""


def test_it_is_drawn_no_more_often_than_one_can_see() -> None:
    terminal, clock = Terminal(), Clock()
    live = Live(terminal, clock=clock)
    for number in range(900):
        clock.now += 0.001
        live.draw(lambda number=number: str(number))  # type: ignore[misc]

    assert terminal.getvalue().count("\r") < 12


def test_a_meter_fills_up() -> None:
    assert [meter(done, 2).count("=") for done in (0, 1, 2)] == [0, 10, 20]
    assert meter(0, 0).count("=") == 0
