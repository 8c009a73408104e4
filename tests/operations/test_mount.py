"""Images of a neighbouring repository: mounted if the registry lets us, uploaded if it does not."""

import json
from dataclasses import replace

import pytest

from regtool import CreateRequest, Stores, create
from regtool.operations.events import BlobPlaced, Event
from tests.faults.proxy import FaultyProxy, Forward, Reaction, instead
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry
from tests.transport.scripted import Reply, Seen, answer


async def an_upload_instead(seen: Seen, forward: Forward) -> Reply:
    """What registries without mounting do: they take the request for that of an ordinary upload."""
    return (await forward(replace(seen, target=seen.target.partition("?")[0]))).encode()


def refusal(status: int) -> Reaction:
    return instead(answer(status, json.dumps({"errors": [{"code": "DENIED", "message": "no"}]}).encode()))


@pytest.mark.parametrize(
    "reaction", [an_upload_instead, refusal(401), refusal(403), refusal(404), refusal(405)],
    ids=["202", "401", "403", "404", "405"],
)  # fmt: skip
async def test_a_mount_that_is_refused_becomes_an_upload(
    debian_registry: RunningRegistry, repository: str, stores: Stores, reaction: Reaction
) -> None:
    debian_registry.push("amd64.attested.oci.tar", repository, "x86_64")
    debian_registry.push("arm64.attested.oci.tar", repository, "aarch64")
    heard: list[Event] = []
    async with FaultyProxy(debian_registry.host) as proxy:
        proxy.on("POST .*mount=", reaction)
        name = f"{proxy.host}/{repository}"
        request = CreateRequest.parse(f"{name}-merged:1.0", [f"{name}:x86_64", f"{name}:aarch64"])
        creation = await create(request, stores, heard.append)

    assert {event.how for event in heard if isinstance(event, BlobPlaced)} <= {"uploaded", "present"}
    merged = f"{debian_registry.host}/{repository}-merged"
    assert skopeo_inspect_raw(f"{merged}:1.0") == creation.plan.root.content
    for entry in creation.plan.root.as_index().manifests:
        assert skopeo_inspect_raw(f"{merged}@{entry.digest}")
