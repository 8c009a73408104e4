"""Hundreds of merges and copies while one request in ten goes wrong: right, or cleanly failed, and never both."""

import random
from collections.abc import AsyncIterator

import pytest

from regtool.errors import RegtoolError
from regtool.operations.copy import CopyRequest, copy
from regtool.operations.create import create
from regtool.operations.create_request import CreateRequest
from regtool.stores.places import Stores
from tests.faults.proxy import FaultyProxy, Forward, after, changed, cut, instead, late
from tests.faults.rows.arranging import NO_DIGEST, header
from tests.faults.world import ARCHITECTURES, World, a_world
from tests.registries import RunningRegistry
from tests.transport.fixtures import VirtualClock, bare
from tests.transport.scripted import CLOSE, RESET, Reply, Seen, answer, refusal

SEEDS, BATCH = 500, 25
SHARE = 0.1  # of the requests go wrong
LAYER = 8192
FAULTS = [
    instead(RESET), instead(CLOSE), after(RESET), after(CLOSE), after(answer(502)), cut(0.5), cut(0.3, RESET),
    late(0.002), instead(answer(201)), instead(answer(200, b"<html>")),
    *(instead(refusal(status)) for status in (500, 502, 503, 504, 403, 404)),
    instead(refusal(429, "TOOMANYREQUESTS", "slow down", {"Retry-After": "3"})),
    changed(header("Docker-Content-Digest", NO_DIGEST)), changed(header("Content-Type", "text/html")),
]  # fmt: skip


class Trouble:
    """A proxy to which everything happens, by chance."""

    def __init__(self, proxy: FaultyProxy) -> None:
        self.chance = random.Random()
        proxy.on("", self.react)

    async def react(self, seen: Seen, forward: Forward) -> Reply:
        if self.chance.random() < SHARE:
            return await self.chance.choice(FAULTS)(seen, forward)
        return (await forward(seen)).encode()


@pytest.fixture
async def world(debian_registry: RunningRegistry) -> AsyncIterator[World]:
    async with a_world(debian_registry, LAYER) as made:
        yield made


async def outcome_of(work: str, world: World, target: str, seed: int) -> RegtoolError | None:
    """Runs a merge or a copy to its end. Any error but regtool's own is raised."""
    place = f"{world.host}/{world.repository}"
    try:
        async with Stores(bare(), clock=VirtualClock(random.Random(seed).random())) as stores:
            if work == "copy":
                await copy(CopyRequest.parse(f"{place}:whole", f"{target}:1.0"), stores)
            else:
                sources = [f"{place}:{architecture}" for architecture in ARCHITECTURES]
                await create(CreateRequest.parse(f"{target}:1.0", sources), stores)
    except RegtoolError as error:
        return error
    return None


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
@pytest.mark.parametrize("work", ["create", "copy"])
async def test_what_ends_well_is_right_and_what_does_not_has_broken_nothing(
    work: str, first: int, world: World
) -> None:
    place = f"{world.registry.host}/{world.repository}"
    async with Stores(bare()) as stores:  # without trouble
        sources = [f"{place}:{architecture}" for architecture in ARCHITECTURES]
        await create(CreateRequest.parse(f"{place}:whole", sources), stores)
    trouble, well = Trouble(world.proxy), 0
    for seed in range(first, first + BATCH):
        trouble.chance.seed(seed)
        # By chance the target is empty, or the repository of the sources itself.
        world.target = f"{world.host}/{world.repository}" + (f"/{seed}" if seed % 2 or work == "copy" else "")
        before = world.now()
        error = await outcome_of(work, world, world.target, seed)
        after_it = world.now()
        if error is None:
            assert after_it == world.expected, f"seed {seed} ended well, with a wrong tag"
            well += 1
        else:
            assert after_it in (before, world.expected), f"seed {seed} left something else"
            assert "\n" not in str(error)

    assert well > BATCH // 3
