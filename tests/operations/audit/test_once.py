import asyncio

import pytest

from regtool.errors import NotFoundError
from regtool.operations.audit.once import Once


async def test_all_who_ask_at_once_wait_for_the_same_work() -> None:
    asked: list[str] = []

    async def work(key: str) -> str:
        asked.append(key)
        await asyncio.sleep(0)
        return key.upper()

    once = Once(work, limit=10)

    assert list(await asyncio.gather(once.get("a"), once.get("a"), once.get("b"))) == ["A", "A", "B"]
    assert await once.get("a") == "A"
    assert asked == ["a", "b"]


async def test_what_was_not_asked_for_longest_is_forgotten() -> None:
    asked: list[int] = []

    async def work(key: int) -> int:
        asked.append(key)
        return key

    once = Once(work, limit=2)
    for key in (1, 2, 1, 3, 1, 2):
        await once.get(key)

    assert asked == [1, 2, 3, 2]


async def test_a_failure_is_everybodys_and_is_not_remembered() -> None:
    asked: list[str] = []

    async def work(key: str) -> str:
        asked.append(key)
        await asyncio.sleep(0)
        if len(asked) == 1:
            raise NotFoundError(key, "gone")
        return key

    once = Once(work, limit=2)
    both = await asyncio.gather(once.get("a"), once.get("a"), return_exceptions=True)

    assert [type(one) for one in both] == [NotFoundError, NotFoundError]
    with pytest.raises(NotFoundError):
        raise both[0]  # type: ignore[misc]
    assert await once.get("a") == "a"
