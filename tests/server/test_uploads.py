"""Receiving blobs: in one piece, in chunks, by mounting."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.server.pushing import UNKNOWN, Pusher, codes, digest_of, sha512_of

CONTENT = b"0123456789" * 100


async def begin(client: httpx.AsyncClient, name: str = "app", **query: str) -> str:
    """Begins an upload and returns where it goes on."""
    begun = await client.post(f"/v2/{name}/blobs/uploads/", params=query)
    assert begun.status_code == 202, begun.text
    return begun.headers["location"]


async def send(client: httpx.AsyncClient, place: str, first: int, last: int) -> httpx.Response:
    """Sends the bytes of CONTENT from `first` to `last` as a chunk."""
    headers = {"Content-Range": f"{first}-{last}", "Content-Type": "application/octet-stream"}
    return await client.patch(place, content=CONTENT[first : last + 1], headers=headers)


async def test_post_begins_an_upload(client: httpx.AsyncClient) -> None:
    begun = await client.post("/v2/app/blobs/uploads/")

    assert begun.status_code == 202
    assert begun.headers["location"] == f"/v2/app/blobs/uploads/{begun.headers['docker-upload-uuid']}"
    assert begun.headers["range"] == "0-0"


async def test_put_ends_an_upload_in_one_piece(client: httpx.AsyncClient) -> None:
    place = await begin(client)

    done = await client.put(place, params={"digest": digest_of(CONTENT)}, content=CONTENT)

    assert done.status_code == 201
    assert done.headers["location"] == f"/v2/app/blobs/{digest_of(CONTENT)}"
    assert done.headers["docker-content-digest"] == digest_of(CONTENT)
    assert (await client.get(done.headers["location"])).content == CONTENT


async def test_a_single_post_is_enough(client: httpx.AsyncClient) -> None:
    done = await client.post("/v2/app/blobs/uploads/", params={"digest": digest_of(CONTENT)}, content=CONTENT)

    assert done.status_code == 201
    assert (await client.get(done.headers["location"])).content == CONTENT


async def test_a_body_without_a_length_is_taken_as_it_comes(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(CONTENT), 100):
            yield CONTENT[start : start + 100]

    place = await begin(client)
    done = await client.put(place, params={"digest": digest_of(CONTENT)}, content=pieces())

    assert done.status_code == 201
    assert (await client.get(done.headers["location"])).content == CONTENT


@pytest.mark.parametrize("size", [7, 250, 999, 1000])
async def test_chunks_make_the_blob(client: httpx.AsyncClient, size: int) -> None:
    place = await begin(client)
    for first in range(0, len(CONTENT), size):
        last = min(first + size, len(CONTENT)) - 1
        sent = await send(client, place, first, last)
        assert (sent.status_code, sent.headers["range"]) == (202, f"0-{last}")
        place = sent.headers["location"]

    done = await client.put(place, params={"digest": digest_of(CONTENT)})

    assert (await client.get(done.headers["location"])).content == CONTENT


async def test_the_last_chunk_may_come_with_the_put(client: httpx.AsyncClient) -> None:
    place = (await send(client, await begin(client), 0, 599)).headers["location"]

    headers = {"Content-Range": "600-999"}
    done = await client.put(place, params={"digest": digest_of(CONTENT)}, content=CONTENT[600:], headers=headers)

    assert done.status_code == 201
    assert (await client.get(done.headers["location"])).content == CONTENT


async def test_chunks_without_a_range_follow_each_other(client: httpx.AsyncClient) -> None:
    place = await begin(client)
    await client.patch(place, content=CONTENT[:400])
    await client.patch(place, content=CONTENT[400:])

    assert (await client.put(place, params={"digest": digest_of(CONTENT)})).status_code == 201


@pytest.mark.parametrize(("first", "last"), [(0, 99), (50, 149), (101, 200), (500, 599), (900, 999)])
async def test_a_chunk_out_of_order_is_refused_and_the_upload_goes_on(
    client: httpx.AsyncClient, first: int, last: int
) -> None:
    place = (await send(client, await begin(client), 0, 99)).headers["location"]

    refused = await send(client, place, first, last)

    assert (refused.status_code, codes(refused)) == (416, ["BLOB_UPLOAD_INVALID"])
    assert (refused.headers["location"], refused.headers["range"]) == (place, "0-99")
    assert (await send(client, place, 100, 999)).status_code == 202
    assert (await client.put(place, params={"digest": digest_of(CONTENT)})).status_code == 201


async def test_a_last_chunk_out_of_order_is_refused_in_the_put(client: httpx.AsyncClient) -> None:
    place = (await send(client, await begin(client), 0, 99)).headers["location"]

    headers = {"Content-Range": "500-999"}
    refused = await client.put(place, params={"digest": digest_of(CONTENT)}, content=CONTENT[500:], headers=headers)

    assert refused.status_code == 416
    assert (await client.get(place)).headers["range"] == "0-99"


async def test_a_first_chunk_has_to_be_the_first(client: httpx.AsyncClient) -> None:
    assert (await send(client, await begin(client), 100, 199)).status_code == 416


@pytest.mark.parametrize("header", ["nonsense", "bytes 0-9", "0-", "-9", "9-0", "0-9/1000", "0-9,10-19", "٠-٩"])
async def test_a_range_that_is_none_is_refused(client: httpx.AsyncClient, header: str) -> None:
    place = await begin(client)

    refused = await client.patch(place, content=CONTENT[:10], headers={b"Content-Range": header.encode()})

    assert (refused.status_code, codes(refused)) == (400, ["BLOB_UPLOAD_INVALID"])


@pytest.mark.parametrize("last", [0, 98, 100, 5000])
async def test_a_chunk_has_to_be_as_long_as_its_range(client: httpx.AsyncClient, last: int) -> None:
    place = await begin(client)

    refused = await client.patch(place, content=CONTENT[:100], headers={"Content-Range": f"0-{last}"})

    assert (refused.status_code, codes(refused)) == (400, ["SIZE_INVALID"])
    assert (await send(client, place, 0, 999)).status_code == 202  # nothing of it was kept


async def test_the_status_says_how_far_an_upload_is(client: httpx.AsyncClient) -> None:
    place = (await send(client, await begin(client), 0, 99)).headers["location"]

    status = await client.get(place)

    assert (status.status_code, status.content) == (204, b"")
    assert (status.headers["range"], status.headers["location"]) == ("0-99", place)


async def test_a_cancelled_upload_is_gone(client: httpx.AsyncClient, root: Path) -> None:
    place = (await send(client, await begin(client), 0, 99)).headers["location"]

    assert (await client.delete(place)).status_code == 204
    assert (await client.get(place)).status_code == 404
    assert not list((root / "_uploads").iterdir())


@pytest.mark.parametrize("method", ["PATCH", "PUT", "GET", "DELETE"])
@pytest.mark.parametrize("identifier", ["00000000-0000-0000-0000-000000000000", "nonsense", "%2e%2e", "a.b"])
async def test_an_upload_that_is_not_there_is_unknown(client: httpx.AsyncClient, method: str, identifier: str) -> None:
    place = f"/v2/app/blobs/uploads/{identifier}"
    got = await client.request(method, httpx.URL(str(client.base_url), raw_path=f"{place}?digest={UNKNOWN}".encode()))

    assert (got.status_code, codes(got)) == (404, ["BLOB_UPLOAD_UNKNOWN"])


async def test_an_upload_belongs_to_its_repository(client: httpx.AsyncClient) -> None:
    place = await begin(client)

    assert (await client.get(place.replace("/app/", "/other/"))).status_code == 404


async def test_an_upload_that_has_ended_is_unknown(client: httpx.AsyncClient) -> None:
    place = await begin(client)
    await client.put(place, params={"digest": digest_of(CONTENT)}, content=CONTENT)

    assert (await client.put(place, params={"digest": digest_of(CONTENT)}, content=CONTENT)).status_code == 404


@pytest.mark.parametrize("how", ["post", "put", "chunks"])
async def test_content_with_another_digest_is_refused_and_not_kept(
    client: httpx.AsyncClient, root: Path, how: str
) -> None:
    wrong = {"digest": digest_of(b"something else")}
    if how == "post":
        refused = await client.post("/v2/app/blobs/uploads/", params=wrong, content=CONTENT)
    else:
        place = await begin(client)
        if how == "chunks":
            await send(client, place, 0, 999)
        refused = await client.put(place, params=wrong, content=b"" if how == "chunks" else CONTENT)

    assert (refused.status_code, codes(refused)) == (400, ["DIGEST_INVALID"])
    assert digest_of(CONTENT) in refused.text
    assert (await client.get(f"/v2/app/blobs/{wrong['digest']}")).status_code == 404
    assert (await client.get(f"/v2/app/blobs/{digest_of(CONTENT)}")).status_code == 404
    assert not list((root / "_uploads").iterdir())


@pytest.mark.parametrize("digest", ["", "sha256:short", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:../../../x"])
async def test_an_upload_does_not_end_without_a_digest_that_is_one(client: httpx.AsyncClient, digest: str) -> None:
    place = await begin(client)

    refused = await client.put(place, params={"digest": digest}, content=CONTENT)

    assert (refused.status_code, codes(refused)) == (400, ["DIGEST_INVALID"])
    done = await client.put(place, params={"digest": digest_of(CONTENT)}, content=CONTENT)
    assert done.status_code == 201


async def test_an_upload_needs_a_digest_to_end(client: httpx.AsyncClient) -> None:
    assert codes(await client.put(await begin(client), content=CONTENT)) == ["DIGEST_INVALID"]


async def test_sha512_may_be_announced(client: httpx.AsyncClient) -> None:
    place = await begin(client, **{"digest-algorithm": "sha512"})

    done = await client.put(place, params={"digest": sha512_of(CONTENT)}, content=CONTENT)

    assert done.headers["docker-content-digest"] == sha512_of(CONTENT)


async def test_an_unknown_algorithm_is_refused_before_anything_is_sent(client: httpx.AsyncClient) -> None:
    refused = await client.post("/v2/app/blobs/uploads/", params={"digest-algorithm": "md5"})

    assert (refused.status_code, codes(refused)) == (400, ["DIGEST_INVALID"])


async def test_the_same_blob_may_be_pushed_again(pusher: Pusher) -> None:
    for _ in range(3):
        await pusher.blob(CONTENT)

    assert (await pusher.get(f"blobs/{digest_of(CONTENT)}")).content == CONTENT


async def test_many_clients_push_at_once(pusher: Pusher) -> None:
    contents = [f"blob {number % 20}".encode() * 1000 for number in range(60)]

    await asyncio.gather(*(pusher.blob(content) for content in contents))

    for content in contents[:20]:
        assert (await pusher.get(f"blobs/{digest_of(content)}")).content == content


async def test_two_writers_of_one_upload_take_turns(client: httpx.AsyncClient) -> None:
    place = await begin(client)

    answers = await asyncio.gather(*(send(client, place, 0, 999) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [202, 416, 416, 416, 416]
    assert (await client.put(place, params={"digest": digest_of(CONTENT)})).status_code == 201


async def test_more_uploads_than_are_allowed_have_to_wait(client: httpx.AsyncClient) -> None:
    for _ in range(128):
        await begin(client)

    refused = await client.post("/v2/app/blobs/uploads/")

    assert (refused.status_code, codes(refused)) == (429, ["TOOMANYREQUESTS"])
    assert int(refused.headers["retry-after"]) > 0


# -- mounting


async def test_a_blob_is_mounted_from_another_repository(pusher: Pusher) -> None:
    digest = await pusher.blob(CONTENT)

    done = await pusher.client.post("/v2/other/blobs/uploads/", params={"mount": digest, "from": "app"})

    assert (done.status_code, done.headers["location"]) == (201, f"/v2/other/blobs/{digest}")
    assert done.headers["docker-content-digest"] == digest
    assert (await pusher.at("other").get(f"blobs/{digest}")).content == CONTENT


async def test_a_mounted_blob_outlives_its_origin(pusher: Pusher) -> None:
    digest = await pusher.blob(CONTENT)
    await pusher.client.post("/v2/other/blobs/uploads/", params={"mount": digest, "from": "app"})

    await pusher.delete(f"blobs/{digest}")

    assert (await pusher.at("other").get(f"blobs/{digest}")).content == CONTENT


async def test_a_mount_takes_no_space(pusher: Pusher, root: Path) -> None:
    digest = await pusher.blob(CONTENT)
    await pusher.client.post("/v2/other/blobs/uploads/", params={"mount": digest, "from": "app"})

    files = [root / name / "blobs" / "sha256" / digest.removeprefix("sha256:") for name in ("app", "other")]

    assert files[0].samefile(files[1])


async def test_a_mount_may_leave_it_open_from_where(pusher: Pusher) -> None:
    await pusher.at("deep/down/here").blob(CONTENT)

    done = await pusher.client.post("/v2/other/blobs/uploads/", params={"mount": digest_of(CONTENT)})

    assert done.status_code == 201


async def test_a_mount_of_what_is_here_already_succeeds(pusher: Pusher) -> None:
    digest = await pusher.blob(CONTENT)

    done = await pusher.client.post("/v2/app/blobs/uploads/", params={"mount": digest, "from": "nowhere"})

    assert done.status_code == 201


@pytest.mark.parametrize("origin", ["app", "nowhere", "../app", "NOT A NAME", ""])
async def test_a_mount_that_cannot_be_becomes_an_upload(client: httpx.AsyncClient, origin: str) -> None:
    begun = await client.post("/v2/other/blobs/uploads/", params={"mount": digest_of(CONTENT), "from": origin})

    assert begun.status_code == 202
    place = begun.headers["location"]
    done = await client.put(place, params={"digest": digest_of(CONTENT)}, content=CONTENT)
    assert done.status_code == 201


async def test_a_mount_of_no_digest_is_refused(client: httpx.AsyncClient) -> None:
    refused = await client.post("/v2/other/blobs/uploads/", params={"mount": "nonsense", "from": "app"})

    assert (refused.status_code, codes(refused)) == (400, ["DIGEST_INVALID"])
