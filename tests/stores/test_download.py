"""A blob over connections that break: what has passed is not asked for again."""

from collections.abc import Callable, Sequence

import pytest

from regtool.errors import ContentError, NotFoundError, UnreachableError
from regtool.model.reference import Repository
from regtool.stores.registry import RegistryStore
from regtool.transport.client import Client
from tests.stores.samples import describe
from tests.transport.scripted import RESET, Scripted, Seen, Step, answer, refusal

CONTENT = bytes(range(256)) * 1024
BLOB = describe(CONTENT)
HALF = len(CONTENT) // 2

Reply = Callable[[int], bytes | Sequence[Step]]


def whole() -> bytes:
    return answer(200, CONTENT)


def rest(start: int, content: bytes = CONTENT) -> bytes:
    """What a registry with ranges answers."""
    where = {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"}
    return answer(206, content[start:], where)


def cut(reply: bytes, end: int) -> list[Step]:
    """An answer whose connection breaks after so many bytes of the body."""
    head, _, body = reply.partition(b"\r\n\r\n")
    return [head + b"\r\n\r\n" + body[:end], RESET]


async def downloaded(*replies: Reply) -> tuple[bytes, list[str]]:
    """The blob that comes of these answers, which are told where the blob should begin; and the ranges asked for."""
    ranges: list[str] = []

    def script(seen: Seen) -> bytes | Sequence[Step]:
        ranges.append(seen.headers.get("range", ""))
        start = int(ranges[-1].removeprefix("bytes=").removesuffix("-") or 0)
        return replies[min(len(ranges), len(replies)) - 1](start)

    async with Scripted(script) as server, Client() as client:
        store = RegistryStore(Repository(server.host, "app"), client, ())
        content = b"".join([chunk async for chunk in store.blob(BLOB)])
    return content, ranges


async def test_one_connection_is_enough_if_it_holds() -> None:
    assert await downloaded(lambda start: whole()) == (CONTENT, [""])


async def test_the_rest_is_asked_for_where_it_broke() -> None:
    content, ranges = await downloaded(lambda start: cut(whole(), HALF), rest)
    first = int(ranges[1].removeprefix("bytes=").removesuffix("-"))

    assert content == CONTENT
    assert 0 < first <= HALF
    assert len(ranges) == 2


async def test_a_registry_without_ranges_begins_anew_and_nothing_comes_twice() -> None:
    content, ranges = await downloaded(lambda start: cut(whole(), HALF), lambda start: whole())

    assert content == CONTENT
    assert len(ranges) == 2


async def test_it_may_break_as_often_as_something_passes() -> None:
    content, ranges = await downloaded(
        lambda start: cut(whole(), 65_536), *[lambda start: cut(rest(start), 65_536)] * 3, rest
    )

    assert content == CONTENT
    assert len(ranges) >= 4


async def test_a_registry_that_only_breaks_is_given_up() -> None:
    with pytest.raises(UnreachableError):
        await downloaded(lambda start: cut(whole(), HALF), lambda start: cut(rest(start), 0))


async def test_another_part_than_asked_for_is_refused() -> None:
    with pytest.raises(ContentError, match="another part than it was asked for"):
        await downloaded(lambda start: cut(whole(), HALF), lambda start: rest(start + 1))


async def test_content_that_changed_meanwhile_is_noticed() -> None:
    with pytest.raises(ContentError, match="does not match its digest"):
        await downloaded(lambda start: cut(whole(), HALF), lambda start: rest(start, CONTENT[::-1]))


async def test_more_than_the_descriptor_says_is_refused() -> None:
    with pytest.raises(ContentError, match="is larger than"):
        await downloaded(lambda start: answer(200, CONTENT + b"!"))


async def test_a_refusal_is_told_in_the_registrys_words() -> None:
    with pytest.raises(NotFoundError, match="gone for good"):
        await downloaded(lambda start: refusal(404, "BLOB_UNKNOWN", "gone for good"))
