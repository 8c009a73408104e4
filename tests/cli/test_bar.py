"""The bar of a terminal."""

from pathlib import Path

from regtool.cli.bar import Bar
from regtool.cli.live import Live
from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.model.digest import Digest
from regtool.model.reference import Layout, Tag
from regtool.operations.events import BlobPassing, BlobPlaced, Note
from regtool.planning.plan import BlobMove, Plan, TagMove
from tests.cli.test_live import Clock, Terminal

LARGE, SMALL = (
    Descriptor.of("application/octet-stream", Digest.of(name), size) for name, size in ((b"l", 900), (b"s", 100))
)
EMPTY = Manifest.received(b'{"schemaVersion":2,"manifests":[]}', "", "a list")


def begun(terminal: Terminal, clock: Clock) -> Bar:
    """A bar that expects the two blobs."""
    place = Layout(Path("dir"))
    moves = tuple(BlobMove(blob, place) for blob in (LARGE, SMALL))
    bar = Bar(Live(terminal, clock=clock), clock)
    bar.expect([Plan(place, moves, (), EMPTY, (TagMove(Tag("1.0"), EMPTY.digest, None),))])
    return bar


def test_says_how_much_has_passed_how_fast_and_how_long_it_will_take() -> None:
    terminal, clock = Terminal(), Clock()
    bar = begun(terminal, clock)
    bar.hear(BlobPassing(LARGE, 0))
    clock.now = 2.0
    bar.hear(BlobPassing(LARGE, 500))

    assert terminal.getvalue().endswith("\r\x1b[K[==========          ] 500 B of 1.0 kB, 0/2 blobs, 500 B/s, 1 s left")


def test_counts_what_is_there_already_as_nothing_to_do() -> None:
    bar = begun(Terminal(), Clock())
    bar.hear(BlobPlaced(LARGE, "mounted"))
    bar.hear(BlobPlaced(SMALL, "uploaded"))

    assert bar.line(1.0) == "[====================] 100 B of 100 B, 1/1 blobs"


def test_has_nothing_to_show_before_anything_passes_or_for_words() -> None:
    terminal = Terminal()
    bar = begun(terminal, Clock())
    assert not bar.hear(Note("something else"))
    assert terminal.getvalue() == ""

    assert bar.hear(BlobPassing(LARGE, 1))
    assert terminal.getvalue()
