"""What a distance costs: the round trips of each story, counted by letting requests through in rounds."""

import pytest

from regtool import CreateRequest, Reference, Settings, Stores, TagRequest, create, inspect, resolve, tag
from tests.images import push_image
from tests.registries import RunningRegistry
from tests.rounds import in_rounds

ARCHITECTURES = (
    "amd64 arm64 arm 386 ppc64le s390x riscv64 loong64 mips mipsle mips64 mips64le ppc64 s390 sparc64 wasm".split()
)


@pytest.mark.parametrize("count", [1, 2, 8, 16])
async def test_a_merge_takes_four_whatever_the_number_of_images(
    debian_registry: RunningRegistry, repository: str, count: int
) -> None:
    """The images and the tag are looked at, the configurations are read, the list is written, the tag is read back."""
    for name in ARCHITECTURES[:count]:
        push_image(debian_registry, repository, name, config={"architecture": name})

    async with in_rounds(debian_registry.host) as rounds, Stores(Settings()) as stores:
        here = f"{rounds.host}/{repository}"
        await create(CreateRequest.parse(f"{here}:1.0", [f"{here}:{name}" for name in ARCHITECTURES[:count]]), stores)

    assert rounds.count == 4


async def test_attested_builds_take_three_as_they_say_their_platforms_themselves(
    debian_registry: RunningRegistry, repository: str
) -> None:
    for arch in ("amd64", "arm64"):
        debian_registry.push(f"{arch}.attested.oci.tar", repository, arch)

    async with in_rounds(debian_registry.host) as rounds, Stores(Settings()) as stores:
        here = f"{rounds.host}/{repository}"
        await create(CreateRequest.parse(f"{here}:1.0", [f"{here}:amd64", f"{here}:arm64"]), stores)

    assert rounds.count == 3


async def test_a_second_tag_takes_three(debian_registry: RunningRegistry, repository: str) -> None:
    """The source and the tag are looked at, the tag is written, and read back."""
    debian_registry.push("amd64.oci.tar", repository, "1.0")

    async with in_rounds(debian_registry.host) as rounds, Stores(Settings()) as stores:
        await tag(TagRequest.parse(f"{rounds.host}/{repository}:1.0", ["latest"]), stores)

    assert rounds.count == 3


async def test_a_name_is_resolved_in_one(debian_registry: RunningRegistry, repository: str) -> None:
    debian_registry.push("amd64.attested.oci.tar", repository, "1.0")

    async with in_rounds(debian_registry.host) as rounds, Stores(Settings()) as stores:
        await resolve(Reference.parse(f"{rounds.host}/{repository}:1.0"), stores)

    assert rounds.count == 1


async def test_a_list_is_shown_in_two(debian_registry: RunningRegistry, repository: str) -> None:
    """The list, and what it lists."""
    debian_registry.push("multi.attested.oci.tar", repository, "1.0")

    async with in_rounds(debian_registry.host) as rounds, Stores(Settings()) as stores:
        await inspect(Reference.parse(f"{rounds.host}/{repository}:1.0"), stores)

    assert rounds.count == 2
