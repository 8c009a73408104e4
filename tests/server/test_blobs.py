"""Reading and deleting blobs."""

from pathlib import Path

import httpx
import pytest

from tests.server.pushing import UNKNOWN, Pusher, codes, digest_of, sha512_of

CONTENT = bytes(range(256)) * 16  # 4096 bytes


async def test_a_blob_comes_back_byte_for_byte(pusher: Pusher) -> None:
    digest = await pusher.blob(CONTENT)

    got = await pusher.get(f"blobs/{digest}")

    assert (got.status_code, got.content) == (200, CONTENT)
    assert got.headers["docker-content-digest"] == digest
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-length"] == "4096"
    assert got.headers["accept-ranges"] == "bytes"


async def test_head_says_the_same_without_the_bytes(client: httpx.AsyncClient, pusher: Pusher) -> None:
    digest = await pusher.blob(CONTENT)

    got = await client.head(f"/v2/app/blobs/{digest}")

    assert (got.status_code, got.content) == (200, b"")
    assert got.headers["content-length"] == "4096"
    assert got.headers["docker-content-digest"] == digest


async def test_the_empty_blob_is_a_blob(pusher: Pusher) -> None:
    digest = await pusher.blob(b"")

    got = await pusher.get(f"blobs/{digest}")

    assert (got.status_code, got.content, got.headers["content-length"]) == (200, b"", "0")


async def test_a_blob_larger_than_what_is_read_at_once_comes_whole(pusher: Pusher) -> None:
    large = CONTENT * 1000

    assert (await pusher.get(f"blobs/{await pusher.blob(large)}")).content == large


async def test_sha512_names_blobs_too(pusher: Pusher) -> None:
    digest = await pusher.blob(CONTENT, sha512_of(CONTENT))

    got = await pusher.get(f"blobs/{digest}")

    assert (got.content, got.headers["docker-content-digest"]) == (CONTENT, digest)
    assert (await pusher.get(f"blobs/{digest_of(CONTENT)}")).status_code == 404


@pytest.mark.parametrize(
    "digest", [UNKNOWN, "sha256:baddigeststring", "sha999:00", "nonsense", f"sha256:{'A' * 64}", f"sha256:{'0' * 63}"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
async def test_what_is_not_there_is_unknown(client: httpx.AsyncClient, method: str, digest: str) -> None:
    got = await client.request(method, f"/v2/app/blobs/{digest}")

    assert got.status_code == 404
    assert method == "HEAD" or codes(got) == ["BLOB_UNKNOWN"]


async def test_a_blob_belongs_to_its_repository(pusher: Pusher) -> None:
    digest = await pusher.blob(CONTENT)

    assert (await pusher.at("other").get(f"blobs/{digest}")).status_code == 404


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-199", 100, 200),
        ("bytes=4000-", 4000, 4096),
        ("bytes=4095-4095", 4095, 4096),
        ("bytes=-1", 4095, 4096),
        ("bytes=-100", 3996, 4096),
        ("bytes=-9999", 0, 4096),
        ("bytes=4000-999999", 4000, 4096),
    ],
)
async def test_a_range_is_answered_with_exactly_its_bytes(pusher: Pusher, asked: str, first: int, end: int) -> None:
    got = await pusher.get(f"blobs/{await pusher.blob(CONTENT)}", range=asked)

    assert (got.status_code, got.content) == (206, CONTENT[first:end])
    assert got.headers["content-range"] == f"bytes {first}-{end - 1}/4096"
    assert got.headers["content-length"] == str(end - first)


@pytest.mark.parametrize("asked", ["bytes=4096-", "bytes=5000-6000", "bytes=-0"])
async def test_a_range_behind_the_end_is_refused_with_the_size(pusher: Pusher, asked: str) -> None:
    got = await pusher.get(f"blobs/{await pusher.blob(CONTENT)}", range=asked)

    assert (got.status_code, got.headers["content-range"]) == (416, "bytes */4096")


@pytest.mark.parametrize("asked", ["bytes=500-0", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b", "nonsense"])
async def test_what_is_not_one_range_is_ignored(pusher: Pusher, asked: str) -> None:
    got = await pusher.get(f"blobs/{await pusher.blob(CONTENT)}", range=asked)

    assert (got.status_code, got.content) == (200, CONTENT)


async def test_a_range_is_given_only_while_the_content_is_the_one_that_was_begun(pusher: Pusher) -> None:
    digest = await pusher.blob(CONTENT)

    same = await pusher.get(f"blobs/{digest}", range="bytes=1-2", if_range=f'"{digest}"')
    other = await pusher.get(f"blobs/{digest}", range="bytes=1-2", if_range='"something else"')

    assert (same.status_code, other.status_code) == (206, 200)


async def test_who_has_the_blob_already_is_told_so(pusher: Pusher) -> None:
    digest = await pusher.blob(CONTENT)

    got = await pusher.get(f"blobs/{digest}", if_none_match=f'"{digest}"')

    assert (got.status_code, got.content) == (304, b"")


async def test_spoilt_content_is_never_handed_out_whole(pusher: Pusher, root: Path) -> None:
    digest = await pusher.blob(CONTENT)
    stored = root / "app" / "blobs" / "sha256" / digest.removeprefix("sha256:")
    stored.write_bytes(b"X" + CONTENT[1:])

    with pytest.raises(httpx.RemoteProtocolError):
        await pusher.get(f"blobs/{digest}")


async def test_a_blob_is_not_followed_through_a_symlink(pusher: Pusher, root: Path) -> None:
    digest = await pusher.blob(CONTENT)
    stored = root / "app" / "blobs" / "sha256" / digest.removeprefix("sha256:")
    elsewhere = root / "elsewhere"
    stored.rename(elsewhere)
    stored.symlink_to(elsewhere)

    assert (await pusher.get(f"blobs/{digest}")).status_code == 500


async def test_a_deleted_blob_is_gone_at_once(pusher: Pusher) -> None:
    digest = await pusher.blob(CONTENT)

    assert (await pusher.delete(f"blobs/{digest}")).status_code == 202
    assert (await pusher.get(f"blobs/{digest}")).status_code == 404
    assert (await pusher.delete(f"blobs/{digest}")).status_code == 404


async def test_a_manifest_is_not_deleted_as_a_blob(pusher: Pusher) -> None:
    digest = digest_of(await pusher.image())

    refused = await pusher.delete(f"blobs/{digest}")

    assert (refused.status_code, codes(refused)) == (405, ["UNSUPPORTED"])
    assert (await pusher.get(f"manifests/{digest}")).status_code == 200
