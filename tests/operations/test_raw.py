"""`cat` and `put` on real registries: exact bytes in and out, and nothing that would not hold."""

import json
from pathlib import Path

import pytest

from regtool import (
    ConflictError,
    ContentError,
    Digest,
    NotFoundError,
    Platform,
    Reference,
    Repository,
    Stores,
    UsageError,
    publish,
)
from regtool.operations.raw import blob, config_of, plan_put, put_blob
from tests.images import OCI_CONFIG, OCI_INDEX, push_image
from tests.judges import answer_of, skopeo_inspect_raw
from tests.registries import RunningRegistry


@pytest.fixture
def name(registry: RunningRegistry, repository: str) -> str:
    registry.push("multi.attested.oci.tar", repository, "1.0")
    return f"{registry.host}/{repository}"


async def put(stores: Stores, name: str, content: bytes, media_type: str = "") -> None:
    plan = await plan_put(Reference.parse_exact(name), content, "list.json", stores, media_type)
    await publish(plan, stores)


async def test_what_is_put_is_there_byte_for_byte(name: str, stores: Stores) -> None:
    odd = skopeo_inspect_raw(f"{name}:1.0").replace(b"{", b"{ \n\t", 1) + b"\n"
    await put(stores, f"{name}:odd", odd)

    assert skopeo_inspect_raw(f"{name}:odd") == odd


async def test_by_digest_no_tag_is_touched_and_the_digest_must_be_right(name: str, stores: Stores) -> None:
    odd = skopeo_inspect_raw(f"{name}:1.0") + b"\n"
    await put(stores, f"{name}@{Digest.of(odd)}", odd)

    assert skopeo_inspect_raw(f"{name}@{Digest.of(odd)}") == odd
    with pytest.raises(ContentError, match="content has digest"):
        await put(stores, f"{name}@{Digest.of(b'other')}", odd)


async def test_a_configuration_can_be_repaired_by_hand(name: str, stores: Stores, tmp_path: Path) -> None:
    arm = Platform.parse("linux/arm64")
    place = Reference.parse(f"{name}:1.0").place
    config = json.loads(b"".join([chunk async for chunk in config_of(Reference.parse(f"{name}:1.0"), stores, arm)]))
    config["config"]["User"] = "1000"
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    new = await put_blob(place, file, stores, OCI_CONFIG)
    listed = json.loads(skopeo_inspect_raw(f"{name}:1.0"))["manifests"]
    (row,) = [row for row in listed if row["platform"]["architecture"] == "arm64"]
    image = json.loads(skopeo_inspect_raw(f"{name}@{row['digest']}")) | {"config": new.as_json()}
    await put(stores, f"{name}:fixed", json.dumps(image).encode())

    said = json.loads(answer_of("skopeo", "inspect", "--config", "--tls-verify=false", f"docker://{name}:fixed"))
    assert said["config"]["User"] == "1000"


async def test_a_blob_comes_out_as_it_went_in(name: str, stores: Stores) -> None:
    place = Reference.parse(f"{name}:1.0").place
    descriptor = await put_blob(place, b"any bytes", stores)
    found = b"".join([chunk async for chunk in blob(place.at(descriptor.digest), stores)])

    assert found == b"any bytes"
    assert descriptor.digest == Digest.of(b"any bytes")


async def test_a_blob_that_is_not_there_is_an_error(name: str, stores: Stores) -> None:
    with pytest.raises(NotFoundError, match="no such blob"):
        _ = [chunk async for chunk in blob(Reference.parse(f"{name}@{Digest.of(b'nothing')}"), stores)]
    with pytest.raises(UsageError, match="blobs have digests only"):
        _ = [chunk async for chunk in blob(Reference.parse(f"{name}:1.0"), stores)]


async def test_a_list_has_no_configuration(name: str, stores: Stores) -> None:
    with pytest.raises(UsageError, match="is a list, which has no configuration; name one image with --platform"):
        _ = [chunk async for chunk in config_of(Reference.parse(f"{name}:1.0"), stores)]


async def test_a_list_whose_child_is_missing_is_not_written(name: str, stores: Stores) -> None:
    listed = json.loads(skopeo_inspect_raw(f"{name}:1.0"))
    listed["manifests"][0]["digest"] = str(Digest.of(b"nobody"))
    with pytest.raises(
        ConflictError, match=rf"list.json: names {Digest.of(b'nobody')}, which is not there; put it first"
    ):
        await put(stores, f"{name}:broken", json.dumps(listed).encode())


@pytest.mark.parametrize(("key", "value"), [("size", 7), ("mediaType", OCI_INDEX)])
async def test_a_list_that_says_something_wrong_of_its_child_is_not_written(
    name: str, stores: Stores, key: str, value: object
) -> None:
    listed = json.loads(skopeo_inspect_raw(f"{name}:1.0"))
    listed["manifests"][0][key] = value
    with pytest.raises(ContentError, match=r"list.json: says that sha256:\w+ is .* bytes, but it is"):
        await put(stores, f"{name}:wrong", json.dumps(listed).encode())


async def test_an_image_whose_layer_is_missing_is_not_written(
    registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    push_image(registry, repository, "1.0")
    name = f"{registry.host}/{repository}"
    image = json.loads(skopeo_inspect_raw(f"{name}:1.0"))
    image["layers"][0]["digest"] = str(Digest.of(b"nobody"))
    with pytest.raises(ConflictError, match="names the blob .* which is not there; `put --blob` stores it"):
        await put(stores, f"{name}:broken", json.dumps(image).encode())


@pytest.mark.parametrize("content", [b"", b"text", b"[]", b"{}", b'{"a":1,"a":2}', b'{"schemaVersion": 1}'])
async def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    async with Stores() as stores:
        with pytest.raises(ContentError, match="list.json"):
            await plan_put(Repository("localhost:1", "app").at(Digest.of(content)), content, "list.json", stores)
