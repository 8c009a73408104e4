"""What the tests of operations share."""

from collections.abc import AsyncIterator

import pytest

from regtool import Stores


@pytest.fixture
async def stores() -> AsyncIterator[Stores]:
    """Stores over connections of this test's own."""
    async with Stores() as opened:
        yield opened
