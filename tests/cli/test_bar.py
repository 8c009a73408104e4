"""The bar of a terminal."""

import io
from pathlib import Path

from regtool.cli.bar import Bar
from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.model.digest import Digest
from regtool.model.reference import Layout, Tag
from regtool.operations.events import BlobPassing, BlobPlaced, Note
from regtool.planning.plan import BlobMove, Plan, TagMove

LARGE, SMALL = (
    Descriptor.of("application/octet-stream", Digest.of(name), size) for name, size in ((b"l", 900), (b"s", 100))
)
EMPTY = Manifest.received(b'{"schemaVersion":2,"manifests":[]}', "", "a list")


class Clock:
    """A clock that a test winds."""

    now = 1.0

    def __call__(self) -> float:
        return self.now


def begun(stream: io.StringIO, clock: Clock) -> Bar:
    """A bar that expects the two blobs."""
    place = Layout(Path("dir"))
    moves = tuple(BlobMove(blob, place) for blob in (LARGE, SMALL))
    bar = Bar(stream, clock)
    bar.expect([Plan(place, moves, (), EMPTY, (TagMove(Tag("1.0"), EMPTY.digest, None),))])
    return bar


def test_says_how_much_has_passed_how_fast_and_how_long_it_will_take() -> None:
    stream, clock = io.StringIO(), Clock()
    bar = begun(stream, clock)
    bar.hear(BlobPassing(LARGE, 0))
    clock.now = 2.0
    bar.hear(BlobPassing(LARGE, 500))

    assert stream.getvalue().endswith(
        "\r[============            ] 500 B of 1.0 kB, 0/2 blobs, 500 B/s, 1 s left\x1b[K"
    )


def test_counts_what_is_there_already_as_nothing_to_do() -> None:
    bar = begun(io.StringIO(), Clock())
    bar.hear(BlobPlaced(LARGE, "mounted"))
    bar.hear(BlobPlaced(SMALL, "uploaded"))

    assert bar.line(1.0) == "[========================] 100 B of 100 B, 1/1 blobs"


def test_draws_no_more_often_than_one_can_see() -> None:
    stream, clock = io.StringIO(), Clock()
    bar = begun(stream, clock)
    for passed in range(900):
        clock.now += 0.001
        bar.hear(BlobPassing(LARGE, passed))

    assert stream.getvalue().count("\r") < 12


def test_makes_room_for_words_and_has_none_of_its_own_for_them() -> None:
    stream = io.StringIO()
    bar = begun(stream, Clock())
    bar.clear()
    assert stream.getvalue() == ""

    assert bar.hear(BlobPassing(LARGE, 1))
    assert not bar.hear(Note("something else"))
    bar.clear()
    assert stream.getvalue().endswith("\r\x1b[K")
