"""Mirrors, asked first for what is only read."""

from regtool.transport.events import Warned
from regtool.transport.scope import Scope
from regtool.transport.settings import HostSettings
from tests.transport.fixtures import Recorded, VirtualClock, ask, bare, get
from tests.transport.scripted import Scripted, answer, refusal


def mirrored(registry: Scripted, *mirrors: str) -> Recorded:
    return Recorded(bare(hosts={registry.host: HostSettings(mirrors=mirrors)}), clock=VirtualClock())


async def test_a_mirror_that_has_it_spares_the_registry() -> None:
    async with Scripted(lambda seen: answer()) as registry, Scripted(lambda seen: answer(200, b"copy")) as mirror:
        async with mirrored(registry, mirror.host) as client:
            assert (await client.send(get(registry.host, "/v2/app/tags/list?n=5"))).content == b"copy"

    assert mirror.targets == [f"GET /v2/app/tags/list?n=5&ns={registry.host}"]
    assert registry.seen == []


async def test_a_mirror_that_lacks_it_does_not_hide_it() -> None:
    async with Scripted(lambda seen: answer(200, b"x")) as registry, Scripted(lambda seen: refusal(404)) as mirror:
        async with mirrored(registry, mirror.host) as client:
            assert (await client.send(get(registry.host))).content == b"x"

    assert registry.targets == ["GET /v2/app/manifests/1.0"]


async def test_a_mirror_that_is_down_is_told_and_left_out() -> None:
    async with Scripted(lambda seen: answer()) as gone:
        down = gone.host
    async with Scripted(lambda seen: answer(200, b"x")) as registry, mirrored(registry, down) as client:
        for _ in range(3):
            assert (await client.send(get(registry.host))).content == b"x"

    warnings = client.told(Warned)
    assert [warning.host for warning in warnings] == [down]
    assert f"this mirror of {registry.host} is left out: cannot connect to {down}" in warnings[0].text


async def test_what_may_be_written_is_read_from_the_registry_itself() -> None:
    async with Scripted(lambda seen: answer()) as registry, Scripted(lambda seen: answer()) as mirror:
        async with mirrored(registry, mirror.host) as client:
            await client.send(get(registry.host, scopes=(Scope.push("app"),)))
            await client.send(ask("PUT", registry.host, scopes=(Scope.push("app"),), body=b"x"))
            await client.send(get(registry.host, scopes=()))

    assert mirror.seen == []


async def test_a_blob_is_streamed_from_a_mirror_as_well() -> None:
    async with Scripted(lambda seen: answer()) as registry, Scripted(lambda seen: answer(200, b"blob")) as mirror:
        async with mirrored(registry, mirror.host) as client, client.stream(get(registry.host)) as stream:
            assert [chunk async for chunk in stream.chunks()] == [b"blob"]
