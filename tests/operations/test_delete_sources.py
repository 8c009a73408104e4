"""Removing per-arch tags after the merge."""

from dataclasses import replace

import pytest

from regtool import CreateRequest, NotFoundError, Reference, Stores, create, resolve
from regtool.operations.events import Event, Note, TagRemoved
from tests.images import push_image
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry


def request(name: str, *sources: str, tags: tuple[str, ...] = ()) -> CreateRequest:
    parsed = CreateRequest.parse(f"{name}:1.0", [f"{name}{source}" for source in sources], tags=tags)
    return replace(parsed, delete_sources=True)


@pytest.fixture
def name(embedded_registry: RunningRegistry, repository: str) -> str:
    embedded_registry.push("amd64.attested.oci.tar", repository, "amd64")
    embedded_registry.push("arm64.attested.oci.tar", repository, "arm64")
    return f"{embedded_registry.host}/{repository}"


async def test_the_tags_go_and_what_they_named_stays(name: str, stores: Stores) -> None:
    heard: list[Event] = []
    was = await resolve(Reference.parse(f"{name}:amd64"), stores)
    creation = await create(request(name, ":amd64", ":arm64"), stores, heard.append)

    gone = [str(event.reference) for event in heard if isinstance(event, TagRemoved)]
    assert gone == [f"{name}:amd64", f"{name}:arm64"] == [str(one) for one in creation.removed]
    for tag in ("amd64", "arm64"):
        with pytest.raises(NotFoundError):
            await resolve(Reference.parse(f"{name}:{tag}"), stores)
    assert skopeo_inspect_raw(f"{name}@{was}")
    for row in creation.plan.root.as_index().manifests:
        assert skopeo_inspect_raw(f"{name}@{row.digest}")


async def test_digests_and_tags_that_were_just_written_stay(name: str, stores: Stores) -> None:
    digest = await resolve(Reference.parse(f"{name}:amd64"), stores)
    heard: list[Event] = []
    await create(request(name, f"@{digest}", ":arm64", tags=("arm64",)), stores, heard.append)

    assert [event for event in heard if isinstance(event, TagRemoved)] == []
    assert await resolve(Reference.parse(f"{name}:amd64"), stores) == digest


async def test_a_tag_that_moved_since_it_was_merged_stays(
    embedded_registry: RunningRegistry, repository: str, name: str, stores: Stores
) -> None:
    heard: list[Event] = []

    def listen(event: Event) -> None:
        heard.append(event)
        if type(event).__name__ == "TagMoved":
            push_image(embedded_registry, repository, "amd64")

    await create(request(name, ":amd64", ":arm64"), stores, listen)

    assert [str(event.reference) for event in heard if isinstance(event, TagRemoved)] == [f"{name}:arm64"]
    assert [event.text for event in heard if isinstance(event, Note) and "amd64 stays: moved from" in event.text]


async def test_a_registry_that_cannot_remove_tags_is_named_and_the_list_is_published_all_the_same(
    debian_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    debian_registry.push("amd64.oci.tar", repository, "amd64")
    name = f"{debian_registry.host}/{repository}"
    heard: list[Event] = []
    creation = await create(request(name, ":amd64"), stores, heard.append)

    assert creation.removed == ()
    assert skopeo_inspect_raw(f"{name}:1.0") == creation.plan.root.content
    assert [event.text for event in heard if isinstance(event, Note) and f"{name}:amd64 stays: " in event.text]
