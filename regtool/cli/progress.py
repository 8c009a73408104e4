"""What a person reads while a command works, line by line, on standard error."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from regtool.cli.render.members import members_text
from regtool.model.duration import duration_text
from regtool.model.reference import Tag
from regtool.operations import events
from regtool.transport import events as wire
from regtool.transport.visible import visible

_LONG = 3.0  # seconds of a wait of which the user should know


def words_for(event: events.Event) -> str | None:
    """What to say of one event, or None if it is not worth a word."""
    match event:
        case events.Note(text):
            return f"note: {visible(text)}"
        case events.Waiting(missing, left):
            return f"waiting {duration_text(left)} at most for {', '.join(missing)}"
        case events.Chosen(target, members):
            return f"{target}\n{members_text(members)}"
        case _:
            return _words_for_change(event)


def _words_for_change(event: events.Event) -> str | None:
    match event:
        case events.BlobPlaced(blob, how):
            return f"{how} blob {blob.digest.algorithm}:{blob.digest.short} ({blob.size} bytes)"
        case events.ManifestStored(reference):
            return f"stored {reference}"
        case events.TagMoved(reference, to, was):
            lines = [f"{reference} is now {to} (read back)"]
            if was:
                lines.append(
                    f"it was {was}; back with: regtool tag {reference.place}@{was} {reference.tag} --allow-shrink"
                )
            return "\n".join(lines)
        case events.TagRemoved(reference, was):
            return f"removed the tag {reference}; {was} stays"
        case events.ManifestDeleted(reference, tags):
            return f"deleted {reference}" + (f" and with it {_names(tags)}" if tags else "")
        case _:
            return None


def _names(tags: tuple[Tag, ...]) -> str:
    return ", ".join(tag.name for tag in tags)


class RequestLog:
    """Tells the requests of a run if `everything` is wanted, else only what the user should know."""

    def __init__(
        self, say: Callable[[str], None], *, everything: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._say = say
        self._everything = everything
        self._clock = clock
        self._waiting: dict[str, float] = {}  # until when each host is waited for, as has been said
        self._scarce: set[str] = set()  # hosts of whose quota little is left, which is said once

    def __call__(self, event: wire.Event) -> None:
        """Hears one event of the transport."""
        match event:
            case wire.Warned():
                self._say(f"warning from {event.host}: {visible(event.text)}")
            case wire.QuotaSeen() if event.remaining * 10 <= event.limit and event.host not in self._scarce:
                self._scarce.add(event.host)
                self._say(f"note: {event.host} grants {event.remaining} more of {event.limit} requests")
            case _ if self._everything:
                self._say(_detail(event))
            case wire.Retrying() if event.wait >= _LONG:
                self._say_wait(event)

    def _say_wait(self, event: wire.Retrying) -> None:
        """Says that a host is waited for; once for all requests that wait for it together."""
        host, now = urlsplit(event.url).netloc, self._clock()
        if now >= self._waiting.get(host, now):
            self._waiting[host] = now + event.wait
            self._say(f"waiting {event.wait:.0f} s for {host} ({event.reason})")


def _detail(event: wire.Event) -> str:
    match event:
        case wire.Answered():
            return (
                f"{event.method} {event.url} -> {event.status} in {event.seconds * 1000:.0f} ms, {event.received} bytes"
            )
        case wire.Failed():
            return f"{event.method} {event.url} failed after {event.seconds * 1000:.0f} ms: {event.reason}"
        case wire.Retrying():
            return f"{event.method} {event.url} again in {event.wait:.1f} s (try {event.attempt}): {event.reason}"
        case wire.TokenAsked():
            who = event.account or "anonymous"
            return f"token for {event.registry} from {event.realm} as {who}: {' '.join(event.scopes)}"
        case wire.QuotaSeen():
            return f"{event.host} grants {event.remaining} more of {event.limit} requests in {event.window} s"
        case wire.Warned():
            return f"warning from {event.host}: {visible(event.text)}"
