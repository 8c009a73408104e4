"""What is said of a run's requests while it works."""

from regtool.cli.progress import RequestLog
from regtool.transport.events import Event, Retrying


class Clock:
    """A clock that a test winds."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def retrying(wait: float, host: str = "registry.example.com") -> Event:
    url = f"https://{host}/v2/app/manifests/1.0"
    return Retrying(method="GET", url=url, reason="status 429", wait=wait, attempt=2)


def said(*events: Event | float, everything: bool = False) -> list[str]:
    """What a log says of these events; a number is time that passes."""
    lines: list[str] = []
    clock = Clock()
    log = RequestLog(lines.append, everything=everything, clock=clock)
    for event in events:
        if isinstance(event, float):
            clock.now += event
        else:
            log(event)
    return lines


def test_a_long_wait_is_said_once_for_all_requests_that_wait_together() -> None:
    line = "waiting 30 s for registry.example.com (status 429)"

    assert said(retrying(30.0), retrying(30.4), retrying(29.0)) == [line]
    assert said(retrying(30.0), 31.0, retrying(30.0)) == [line, line]
    assert len(said(retrying(30.0), retrying(30.0, "other.example.com"))) == 2


def test_a_short_wait_is_not_worth_a_word_unless_everything_is_wanted() -> None:
    assert said(retrying(0.5)) == []
    assert len(said(retrying(0.5), everything=True)) == 1
