"""One run of one command: its streams, its settings, and what it tells while it works."""

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

from regtool import __version__
from regtool.cli.asking import confirmed
from regtool.cli.bar import Bar
from regtool.cli.directories import journal_path
from regtool.cli.failure import tell, write_json
from regtool.cli.live import Live, meter
from regtool.cli.options import Format
from regtool.cli.outputs import github
from regtool.cli.progress import RequestLog, words_for
from regtool.cli.streams import put_aside, put_out, stop
from regtool.errors import RegtoolError, UsageError
from regtool.model.duration import parse_duration
from regtool.model.host import host_named
from regtool.operations.events import Bringing, CutOff, Event
from regtool.operations.journal import Journal
from regtool.stores.places import Stores
from regtool.transport import events as wire
from regtool.transport.config_file import configured
from regtool.transport.early import Early
from regtool.transport.network import Network
from regtool.transport.settings import Settings
from regtool.transport.visible import visible
from regtool.values import dataclass

EVERY = "*"  # all registries, where one may be named


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The options that every command has."""

    plain_http: bool
    insecure: list[str] | None
    ca_file: Path | None
    cert: Path | None
    key: Path | None
    timeout: str | None
    auth_realm: list[str] | None
    helper_timeout: str
    insecure_proxy_auth: bool
    output: Format
    verbose: bool
    quiet: bool


class Run:
    """Results go to standard output, everything else to standard error."""

    def __init__(self, shared: Shared, line: str = "regtool", early: Early | None = None) -> None:
        self._shared = shared
        self._early = early
        self._line = line
        self.exit_code = 0
        self._cut_off: dict[str, str] = {}
        self._bar: Bar | None = None
        self._journal: Journal | None = None
        self._live = Live(sys.stderr, wanted=not shared.quiet)

    @property
    def json(self) -> bool:
        """Whether the result is wanted as JSON."""
        return self._shared.output is Format.JSON

    @property
    def verbose(self) -> bool:
        """Whether everything should be told."""
        return self._shared.verbose

    @property
    def quiet(self) -> bool:
        """Whether only results and failures should be told."""
        return self._shared.quiet

    def result(self, text: str, as_json: Callable[[], Any]) -> None:
        """Writes the result in the form that the user wants."""
        self._make_room()
        if self.json:
            write_json(as_json())
        else:
            put_out(text)

    def results(self, lines: list[str], as_json: Callable[[], Any]) -> None:
        """Writes a result of any number of lines, also none."""
        for text in lines:
            self.line(text)
        self.end_of_lines(as_json)

    def line(self, text: str) -> None:
        """Writes a line of a result that comes in pieces; nothing if JSON is wanted, which comes at the end."""
        self._make_room()
        if not self.json:
            put_out(visible(text))

    def line_meanwhile(self, text: str) -> None:
        """Writes a line while work goes on, which it does also when nobody reads the lines any more."""
        try:
            self.line(text)
        except BrokenPipeError:
            stop()

    def end_of_lines(self, as_json: Callable[[], Any]) -> None:
        """Ends a result that came in pieces."""
        if self.json:
            write_json(as_json())

    def result_bytes(self, content: bytes) -> None:
        """Writes exact bytes, without a newline."""
        put_out(content)

    def pieces(self, texts: Iterable[str]) -> None:
        """Writes a result that is safe to show as it is, piece by piece."""
        self._make_room()
        for text in texts:
            put_out(text, end="")

    def verdict(self, error: RegtoolError) -> None:
        """Ends a run that has written its whole result with the exit code of `error`, which is told in one line."""
        self._make_room()
        put_aside(f"regtool: {visible(str(error))}")
        self.exit_code = error.exit_code

    def say(self, text: str) -> None:
        """Tells a person something."""
        self._make_room()
        if not self._shared.quiet:
            put_aside(github.harmless(text) if github.is_running(os.environ) else text)

    def report_interruption(self, by: str, exit_code: int) -> None:
        """Tells that a signal has ended the run, and what has become of the tags that it was writing."""
        error = RegtoolError("", f"interrupted by {by}", "run it again: what is done already is not done twice")
        error.tags = self._cut_off
        self._make_room()
        tell(error, as_json=self.json, code="interrupted", exit_code=exit_code)

    def report(self, error: RegtoolError) -> None:
        """Tells what went wrong, as `failure.tell` does."""
        self._make_room()
        tell(error, as_json=self.json)

    def settings(self) -> Settings:
        """How to reach registries: the options of this run over the user's configuration file."""
        named = self._shared.insecure or []
        unverified = frozenset(host_named(name).removesuffix(":443") for name in named if name != EVERY)
        options = Settings(
            plain_http=self._shared.plain_http,
            insecure=EVERY in named or unverified,
            ca_file=self._shared.ca_file,
            client_cert=self._shared.cert,
            client_key=self._shared.key,
            auth_realms=_pairs(self._shared.auth_realm or []),
            helper_timeout=_deadline("--helper-timeout", self._shared.helper_timeout),
            insecure_proxy_auth=self._shared.insecure_proxy_auth,
            user_agent=f"regtool/{__version__}",
        )
        settings = configured(options)
        if self._shared.timeout is None:
            return settings
        return replace(settings, timeout=_deadline("--timeout", self._shared.timeout))

    def stores(self, settings: Settings | None = None, also: Callable[[wire.Event], None] = wire.ignore) -> Stores:
        """The stores of this run, with settings of its own if need be; `also` hears what the transport tells, too."""
        log = RequestLog(self.say, everything=self.verbose)

        def listen(event: wire.Event) -> None:
            log(event)
            also(event)

        return Stores(settings or self.settings(), listen, network=Network.after(self._early))

    def journal(self, *, undoes: str | None = None) -> Journal:
        """Where this run records all that it moves, to be undone as one; `undoes` is the run that it takes back."""
        if self._journal is None or undoes:
            self._journal = Journal(journal_path(), visible(self._line, 1000), self.listen, undoes=undoes)
        return self._journal

    def confirm(self, question: str, *, yes: bool) -> None:
        """Asks before something is taken away. Where nobody can answer, only `--yes` will do. Raises UsageError."""
        if yes:
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError("", "nobody is there to confirm this", "add --yes, or see what it would do with --dry-run")
        if not confirmed(question):
            raise UsageError("", "not confirmed, so nothing was changed")

    def progress(self, done: int, total: int | None, words: str) -> None:
        """Says on a terminal how far a long run is; `total` is None as long as nobody knows."""
        self._live.draw(lambda: f"{meter(done, total)} {done}/{total} {words}" if total else f"{done} {words}")

    def _make_room(self) -> None:
        self._live.clear()

    def hear(self, event: wire.Event) -> None:
        """Hears what the transport does, where no stores are open."""
        RequestLog(self.say, everything=self.verbose)(event)

    def listen(self, event: Event) -> None:
        """Hears what an operation does. On a terminal a bar shows what is brought, in place of a line for each blob."""
        if isinstance(event, CutOff):
            self._cut_off = event.tags
        if isinstance(event, Bringing) and self._live.is_shown:
            self._bar = self._bar or Bar(self._live)
            self._bar.expect(event.plans)
        if self._bar and self._bar.hear(event):
            return
        words = words_for(event)
        if words:
            self.say(words)


def _deadline(option: str, text: str) -> float:
    """The seconds that an option allows. Raises UsageError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = parse_duration(text)
    if not 0 < seconds < inf:
        raise UsageError(f"{option} {text}", "leaves no time for an answer", "write it as 90s or 2m")
    return seconds


def _pairs(words: list[str]) -> dict[str, frozenset[str]]:
    pairs: dict[str, frozenset[str]] = {}
    for word in words:
        registry, equals, host = word.partition("=")
        if not (registry and equals and host):
            raise UsageError(f"--auth-realm {word}", "names no pair", "write it as REGISTRY=HOST")
        registry = host_named(registry)
        pairs[registry] = pairs.get(registry, frozenset()) | {host_named(host)}
    return pairs
