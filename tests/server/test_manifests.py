"""Reading and deleting manifests."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from tests.server.pushing import OCI_INDEX, OCI_MANIFEST, UNKNOWN, Pusher, codes, digest_of, image, index, sha512_of


async def test_a_manifest_comes_back_byte_for_byte(pusher: Pusher) -> None:
    odd = b" \n" + json.dumps(json.loads(image()), indent=5).encode() + b"\n\n"
    await pusher.blob(b"{}")
    await pusher.manifest(odd, "1.0")

    for reference in ("1.0", digest_of(odd)):
        got = await pusher.get(f"manifests/{reference}")
        assert (got.status_code, got.content) == (200, odd)
        assert got.headers["docker-content-digest"] == digest_of(odd)
        assert got.headers["content-type"] == OCI_MANIFEST
        assert got.headers["content-length"] == str(len(odd))


async def test_head_says_the_same_without_the_bytes(client: httpx.AsyncClient, pusher: Pusher) -> None:
    manifest = await pusher.image(tag="1.0")

    got = await client.head("/v2/app/manifests/1.0")

    assert (got.status_code, got.content) == (200, b"")
    assert got.headers["docker-content-digest"] == digest_of(manifest)
    assert got.headers["content-length"] == str(len(manifest))
    assert got.headers["content-type"] == OCI_MANIFEST


@pytest.mark.parametrize("accept", [OCI_MANIFEST, "*/*", "application/vnd.docker.distribution.manifest.v2+json", ""])
async def test_an_index_is_handed_out_whatever_is_accepted(pusher: Pusher, accept: str) -> None:
    whole = index(await pusher.image())
    await pusher.manifest(whole, "1.0")

    got = await pusher.get("manifests/1.0", accept=accept)

    assert (got.content, got.headers["content-type"]) == (whole, OCI_INDEX)


@pytest.mark.parametrize(
    "reference",
    ["missing", UNKNOWN, "sha256:baddigeststring", "sha999:00", "-not-a-tag", ".hidden", "a" * 129, "sp%20ace", "ü"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
async def test_what_is_not_there_is_unknown(pusher: Pusher, method: str, reference: str) -> None:
    await pusher.image(tag="1.0")

    got = await pusher.client.request(method, f"/v2/app/manifests/{reference}")

    assert got.status_code == 404
    assert method == "HEAD" or codes(got) == ["MANIFEST_UNKNOWN"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
async def test_a_repository_without_anything_has_no_manifests(pusher: Pusher, method: str) -> None:
    assert (await pusher.client.request(method, "/v2/app/manifests/1.0")).status_code == 404


async def test_a_blob_that_is_no_manifest_is_not_handed_out_as_one(pusher: Pusher) -> None:
    digest = await pusher.blob(b'{"architecture": "amd64"}')
    await pusher.image()

    got = await pusher.get(f"manifests/{digest}")

    assert (got.status_code, codes(got)) == (404, ["MANIFEST_UNKNOWN"])


async def test_a_manifest_belongs_to_its_repository(pusher: Pusher) -> None:
    digest = digest_of(await pusher.image(tag="1.0"))
    await pusher.at("app/inner").image("other")

    assert (await pusher.at("app/inner").get(f"manifests/{digest}")).status_code == 404


async def test_who_has_the_manifest_already_is_told_so(pusher: Pusher) -> None:
    digest = digest_of(await pusher.image(tag="1.0"))

    same = await pusher.get("manifests/1.0", if_none_match=f'"{digest}"')
    other = await pusher.get("manifests/1.0", if_none_match=f'"{UNKNOWN}"')

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", f'"{digest}"')
    assert other.status_code == 200


async def test_a_spoilt_manifest_is_an_error_of_the_registry(pusher: Pusher, root: Path) -> None:
    digest = digest_of(await pusher.image(tag="1.0"))
    (root / "app" / "blobs" / "sha256" / digest.removeprefix("sha256:")).write_bytes(b"{}")

    assert (await pusher.get("manifests/1.0")).status_code == 500


# -- deleting


async def test_deleting_a_tag_leaves_the_manifest(pusher: Pusher) -> None:
    digest = digest_of(await pusher.image(tag="1.0"))
    await pusher.image(tag="1")

    assert (await pusher.delete("manifests/1.0")).status_code == 202

    assert (await pusher.get("manifests/1.0")).status_code == 404
    assert (await pusher.get("manifests/1")).status_code == 200
    assert (await pusher.get(f"manifests/{digest}")).status_code == 200


async def test_deleting_the_last_tag_leaves_the_manifest(pusher: Pusher) -> None:
    digest = digest_of(await pusher.image(tag="1.0"))

    await pusher.delete("manifests/1.0")

    assert (await pusher.get(f"manifests/{digest}")).status_code == 200
    assert (await pusher.delete("manifests/1.0")).status_code == 404


async def test_deleting_a_manifest_takes_its_tags_along(pusher: Pusher) -> None:
    digest = digest_of(await pusher.image(tag="1.0"))
    await pusher.image(tag="1")
    await pusher.image("other", tag="2")

    assert (await pusher.delete(f"manifests/{digest}")).status_code == 202

    assert (await pusher.get(f"manifests/{digest}")).status_code == 404
    assert (await pusher.get("tags/list")).json()["tags"] == ["2"]
    assert (await pusher.delete(f"manifests/{digest}")).status_code == 404


async def test_a_deleted_manifest_leaves_its_blobs(pusher: Pusher) -> None:
    manifest = await pusher.image("layer")

    await pusher.delete(f"manifests/{digest_of(manifest)}")

    assert (await pusher.get(f"blobs/{digest_of(b'layer')}")).status_code == 200


async def test_a_deleted_manifest_may_be_pushed_again(pusher: Pusher) -> None:
    manifest = await pusher.image(tag="1.0")
    await pusher.delete(f"manifests/{digest_of(manifest)}")

    await pusher.manifest(manifest, "1.0")

    assert (await pusher.get("manifests/1.0")).content == manifest


async def test_sha512_manifests_are_deleted_by_their_name(pusher: Pusher) -> None:
    await pusher.blob(b"{}")
    await pusher.manifest(image(), sha512_of(image()))

    assert (await pusher.delete(f"manifests/{sha512_of(image())}")).status_code == 202
    assert (await pusher.get(f"manifests/{sha512_of(image())}")).status_code == 404


@pytest.mark.parametrize("held", [True, False])
async def test_a_tag_is_deleted_only_while_it_is_what_it_was(pusher: Pusher, held: bool) -> None:
    digest = digest_of(await pusher.image(tag="1.0"))

    done = await pusher.delete("manifests/1.0", if_match=f'"{digest if held else UNKNOWN}"')

    assert done.status_code == (202 if held else 412)
    assert (await pusher.get("manifests/1.0")).status_code == (404 if held else 200)


async def test_readers_see_the_old_or_the_new_while_a_tag_moves(pusher: Pusher) -> None:
    images = [await pusher.image(f"layer {number}", tag="1.0") for number in range(2)]

    async def move() -> None:
        for turn in range(20):
            await pusher.manifest(images[turn % 2], "1.0")

    async def look() -> None:
        for _ in range(40):
            assert (await pusher.get("manifests/1.0")).content in images

    await asyncio.gather(move(), look(), look())
