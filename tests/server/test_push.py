"""Taking in manifests: what is stored, what is refused, and how."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.server.pushing import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    UNKNOWN,
    Pusher,
    changed,
    codes,
    descriptor,
    digest_of,
    image,
    index,
    sha512_of,
)

MiB = 1024 * 1024


async def test_a_push_by_tag_says_where_the_manifest_is(pusher: Pusher) -> None:
    await pusher.blob(b"{}")

    done = await pusher.put("1.0", image())

    assert done.status_code == 201
    assert done.headers["location"] == f"/v2/app/manifests/{digest_of(image())}"
    assert done.headers["docker-content-digest"] == digest_of(image())
    assert (await pusher.client.get(done.headers["location"])).content == image()


async def test_a_push_by_digest_makes_no_tag(pusher: Pusher) -> None:
    await pusher.image()

    assert (await pusher.get("tags/list")).json()["tags"] == []


@pytest.mark.parametrize("tag", ["1", "_", "a.b-c_d", "UPPER", "0" * 128])
async def test_every_tag_of_the_grammar_is_one(pusher: Pusher, tag: str) -> None:
    await pusher.image(tag=tag)

    assert (await pusher.get("tags/list")).json()["tags"] == [tag]


@pytest.mark.parametrize("tag", ["-a", ".a", "a" * 129, "a%20b", "ü", "a@b", "a+b"])
async def test_what_is_no_tag_is_refused(pusher: Pusher, tag: str) -> None:
    await pusher.blob(b"{}")

    refused = await pusher.put(tag, image())

    assert (refused.status_code, codes(refused)) == (400, ["MANIFEST_INVALID"])


async def test_a_tag_moves(pusher: Pusher) -> None:
    first = await pusher.image("first", tag="1.0")
    second = await pusher.image("second", tag="1.0")

    assert (await pusher.get("manifests/1.0")).content == second
    assert (await pusher.get(f"manifests/{digest_of(first)}")).content == first


async def test_sha512_names_manifests_too(pusher: Pusher) -> None:
    await pusher.blob(b"{}")

    done = await pusher.put(sha512_of(image()), image())

    assert done.headers["docker-content-digest"] == sha512_of(image())
    got = await pusher.get(f"manifests/{sha512_of(image())}")
    assert (got.content, got.headers["docker-content-digest"]) == (image(), sha512_of(image()))


async def test_fields_that_nobody_knows_are_kept(pusher: Pusher) -> None:
    manifest = await pusher.image(tag="1.0", newer=True, extra={"a": [1, 2.5, None], "org.example": {}})

    assert (await pusher.get("manifests/1.0")).content == manifest


# -- digests, sizes, parts


@pytest.mark.parametrize("of", [digest_of, sha512_of])
async def test_content_with_another_digest_is_refused(pusher: Pusher, of: Any) -> None:
    await pusher.blob(b"{}")

    refused = await pusher.put(of(b"something else"), image())

    assert (refused.status_code, codes(refused)) == (400, ["DIGEST_INVALID"])
    assert of(image()) in refused.text


@pytest.mark.parametrize("digest", ["sha256:short", "md5:d41d8cd98f00b204e9800998ecf8427e", f"sha256:{'A' * 64}"])
async def test_what_is_no_digest_is_refused(pusher: Pusher, digest: str) -> None:
    refused = await pusher.put(digest, image())

    assert (refused.status_code, codes(refused)) == (400, ["DIGEST_INVALID"])


async def test_all_missing_blobs_are_named(pusher: Pusher) -> None:
    await pusher.blob(b"here")

    refused = await pusher.put("1.0", image(b"{}", (b"here", b"gone", b"lost")))

    assert (refused.status_code, codes(refused)) == (400, ["MANIFEST_BLOB_UNKNOWN"] * 3)
    named = [entry["detail"]["digest"] for entry in refused.json()["errors"]]
    assert named == [digest_of(blob) for blob in (b"{}", b"gone", b"lost")]
    assert (await pusher.get("manifests/1.0")).status_code == 404


async def test_missing_children_are_named(pusher: Pusher) -> None:
    here, gone = await pusher.image("here"), image(b"{}", (b"gone",))

    refused = await pusher.put("1.0", index(here, gone))

    assert codes(refused) == ["MANIFEST_BLOB_UNKNOWN"]
    assert refused.json()["errors"][0]["detail"] == {"digest": digest_of(gone)}


async def test_what_only_another_repository_has_is_missing(pusher: Pusher) -> None:
    child = await pusher.at("other").image()

    assert codes(await pusher.put("1.0", index(child))) == ["MANIFEST_BLOB_UNKNOWN"]


async def test_a_blob_of_another_size_is_refused(pusher: Pusher) -> None:
    await pusher.blob(b"{}")

    refused = await pusher.put("1.0", changed(image(), config=descriptor(b"{}", OCI_CONFIG, size=3)))

    assert (refused.status_code, codes(refused)) == (400, ["MANIFEST_INVALID"])
    assert "has 2 bytes, not 3" in refused.text


async def test_a_child_of_another_size_is_refused(pusher: Pusher) -> None:
    child = await pusher.image()
    wrong = changed(index(), manifests=[descriptor(child, OCI_MANIFEST, size=len(child) + 1)])

    assert codes(await pusher.put("1.0", wrong)) == ["MANIFEST_INVALID"]


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    ],
)
async def test_layers_that_are_fetched_elsewhere_need_not_be_here(pusher: Pusher, media_type: str) -> None:
    await pusher.blob(b"{}")
    foreign = descriptor(b"elsewhere", media_type, urls=["https://example.com/layer"])

    await pusher.manifest(changed(image(), layers=[foreign]), "1.0")


async def test_an_index_may_hold_an_index(pusher: Pusher) -> None:
    inner = index(await pusher.image())
    await pusher.manifest(inner)

    await pusher.manifest(changed(index(), manifests=[descriptor(inner, OCI_INDEX)]), "1.0")


async def test_an_empty_index_is_one(pusher: Pusher) -> None:
    await pusher.manifest(index(), "1.0")

    assert (await pusher.get("manifests/1.0")).content == index()


# -- types and forms


@pytest.mark.parametrize(
    ("media_type", "manifest"),
    [
        (OCI_MANIFEST, image()),
        (DOCKER_MANIFEST, image(mediaType=DOCKER_MANIFEST)),
        (OCI_INDEX, index()),
        (DOCKER_LIST, index(mediaType=DOCKER_LIST)),
    ],
)
async def test_both_families_are_taken(pusher: Pusher, media_type: str, manifest: bytes) -> None:
    await pusher.blob(b"{}")
    await pusher.manifest(manifest, "1.0")

    assert (await pusher.get("manifests/1.0")).headers["content-type"] == media_type


@pytest.mark.parametrize("header", [f"{OCI_MANIFEST}; charset=utf-8", OCI_MANIFEST.upper()])
async def test_parameters_and_case_of_a_type_do_not_matter(pusher: Pusher, header: str) -> None:
    await pusher.blob(b"{}")

    done = await pusher.client.put("/v2/app/manifests/1.0", content=image(), headers={"Content-Type": header})

    assert done.status_code == 201


async def test_a_type_that_only_the_header_has_is_kept(pusher: Pusher) -> None:
    document = json.loads(image())
    del document["mediaType"]
    await pusher.blob(b"{}")

    content, headers = json.dumps(document).encode(), {"Content-Type": OCI_MANIFEST}
    done = await pusher.client.put("/v2/app/manifests/1.0", content=content, headers=headers)

    assert done.status_code == 201
    assert (await pusher.get("manifests/1.0")).headers["content-type"] == OCI_MANIFEST


@pytest.mark.parametrize("header", ["", OCI_INDEX, DOCKER_MANIFEST, "text/html", "application/json", OCI_LAYER])
async def test_header_and_document_have_to_agree(pusher: Pusher, header: str) -> None:
    await pusher.blob(b"{}")

    done = await pusher.client.put("/v2/app/manifests/1.0", content=image(), headers={"Content-Type": header})

    assert done.status_code == (400 if header else 201)
    assert not header or codes(done) == ["MANIFEST_INVALID"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b"not json at all",
        json.dumps({"schemaVersion": 1, "name": "app", "tag": "1.0", "fsLayers": [], "history": []}).encode(),
        json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST}).encode(),
        json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": []}).encode(),
        changed(image(), manifests=[]),
        changed(image(), mediaType=5),
        changed(image(), config={"mediaType": "x", "digest": "sha256:../../x", "size": 1}),
        changed(image(), config={"mediaType": "x", "digest": UNKNOWN, "size": -1}),
        changed(image(), config={"mediaType": "x", "digest": UNKNOWN, "size": "1"}),
        changed(image(), config={"mediaType": "x", "digest": UNKNOWN, "size": 1.0}),
        changed(image(), config={"mediaType": "x", "digest": UNKNOWN, "size": True}),
        changed(image(), config={"mediaType": "x", "digest": UNKNOWN, "size": 2**70}),
        changed(image(), config={"mediaType": "x", "Digest": UNKNOWN, "digest": UNKNOWN, "size": 1}),
        changed(image(), layers="many"),
        changed(image(), annotations={"a": 1}),
        changed(image(), subject="something"),
        image().replace(b'"schemaVersion"', b'"mediaType": "x", "schemaVersion"', 1),
        b'{"a":' * 100 + b"1" + b"}" * 100,
        changed(image(), extra=float("nan")),
    ],
    ids=range(25),
)
async def test_what_is_no_manifest_is_refused(pusher: Pusher, content: bytes) -> None:
    await pusher.blob(b"{}")

    headers = {"Content-Type": OCI_MANIFEST}
    refused = await pusher.client.put("/v2/app/manifests/1.0", content=content, headers=headers)

    assert (refused.status_code, codes(refused)) == (400, ["MANIFEST_INVALID"])
    assert (await pusher.get("manifests/1.0")).status_code == 404


@pytest.mark.parametrize("more", [{"layers": []}, {"config": {}}, {"manifests": {}}])
async def test_an_index_that_is_an_image_as_well_is_refused(pusher: Pusher, more: dict[str, Any]) -> None:
    refused = await pusher.put("1.0", index(**more))

    assert (refused.status_code, codes(refused)) == (400, ["MANIFEST_INVALID"])


async def test_four_mebibytes_are_taken_and_one_byte_more_is_not(pusher: Pusher) -> None:
    await pusher.blob(b"{}")
    empty = len(image(annotations={"padding": ""}))
    largest = image(annotations={"padding": "x" * (4 * MiB - empty)})

    await pusher.manifest(largest, "1.0")
    refused = await pusher.put("1.1", largest + b" ")

    assert len(largest) == 4 * MiB
    assert (await pusher.get("manifests/1.0")).content == largest
    assert (refused.status_code, codes(refused)) == (413, ["SIZE_INVALID"])


async def test_a_body_that_does_not_say_its_size_is_cut_off_too(client: httpx.AsyncClient) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b" " * MiB

    headers = {"Content-Type": OCI_MANIFEST}
    refused = await client.put("/v2/app/manifests/1.0", content=endless(), headers=headers)

    assert refused.status_code == 413


# -- several tags at once


async def test_one_push_sets_many_tags(pusher: Pusher) -> None:
    await pusher.blob(b"{}")
    query = "&".join(f"tag={tag}" for tag in ("1.2.3", "1.2", "1", "latest", "1"))

    done = await pusher.put(f"{digest_of(image())}?{query}", image())

    assert done.status_code == 201
    assert done.headers["oci-tag"] == "1.2.3, 1.2, 1, latest"
    assert (await pusher.get("tags/list")).json()["tags"] == ["1", "1.2", "1.2.3", "latest"]


async def test_many_tags_are_set_all_or_none(pusher: Pusher) -> None:
    await pusher.blob(b"{}")

    refused = await pusher.put(f"{digest_of(image())}?tag=good&tag=-bad", image())

    assert refused.status_code == 400
    assert (await pusher.get(f"manifests/{digest_of(image())}")).status_code == 404


@pytest.mark.parametrize(("count", "status"), [(10, 201), (64, 201), (65, 414)])
async def test_so_many_tags_fit_into_one_push(pusher: Pusher, count: int, status: int) -> None:
    await pusher.blob(b"{}")
    query = "&".join(f"tag=t{number}" for number in range(count))

    assert (await pusher.put(f"{digest_of(image())}?{query}", image())).status_code == status


async def test_a_push_by_tag_confirms_no_other_tags(pusher: Pusher) -> None:
    await pusher.blob(b"{}")

    done = await pusher.put("1.0?tag=other", image())

    assert "oci-tag" not in done.headers
    assert (await pusher.get("tags/list")).json()["tags"] == ["1.0"]


# -- subjects


@pytest.mark.parametrize("kind", ["image", "index"])
async def test_a_subject_need_not_be_there_and_is_confirmed(pusher: Pusher, kind: str) -> None:
    await pusher.blob(b"{}")
    subject = {"mediaType": OCI_MANIFEST, "digest": UNKNOWN, "size": 100}
    manifest = image(subject=subject) if kind == "image" else index(subject=subject)

    done = await pusher.put(digest_of(manifest), manifest)

    assert (done.status_code, done.headers["oci-subject"]) == (201, UNKNOWN)


async def test_without_a_subject_none_is_confirmed(pusher: Pusher) -> None:
    await pusher.blob(b"{}")

    assert "oci-subject" not in (await pusher.put("1.0", image())).headers


# -- under a condition


async def test_only_one_of_two_writers_replaces_the_same_tag(pusher: Pusher) -> None:
    before = await pusher.image("before", tag="1.0")
    condition = f'"{digest_of(before)}"'
    rivals = [await pusher.image(f"rival {number}") for number in range(8)]

    answers = await asyncio.gather(*(pusher.put("1.0", rival, if_match=condition) for rival in rivals))

    assert sorted(answer.status_code for answer in answers) == [201] + [412] * 7
    won = next(rival for rival, answer in zip(rivals, answers, strict=True) if answer.status_code == 201)
    assert (await pusher.get("manifests/1.0")).content == won


async def test_only_one_of_two_writers_makes_a_tag(pusher: Pusher) -> None:
    rivals = [await pusher.image(f"rival {number}") for number in range(4)]

    answers = await asyncio.gather(*(pusher.put("1.0", rival, if_none_match="*") for rival in rivals))

    assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412]


async def test_a_refused_condition_says_what_is_there(pusher: Pusher) -> None:
    manifest = await pusher.image(tag="1.0")

    refused = await pusher.put("1.0", manifest, if_match=f'"{UNKNOWN}"')

    assert refused.status_code == 412
    assert digest_of(manifest) in refused.text


@pytest.mark.parametrize("header", ["*", f'"{UNKNOWN}"'])
async def test_nothing_matches_a_tag_that_is_not_there(pusher: Pusher, header: str) -> None:
    await pusher.blob(b"{}")

    assert (await pusher.put("1.0", image(), if_match=header)).status_code == 412


async def test_a_condition_holds_for_every_tag_of_a_push(pusher: Pusher) -> None:
    await pusher.image(tag="taken")

    refused = await pusher.put(f"{digest_of(image())}?tag=free&tag=taken", image(), if_none_match="*")

    assert refused.status_code == 412
    assert (await pusher.get("tags/list")).json()["tags"] == ["taken"]


async def test_the_answer_names_what_to_ask_for_next_time(pusher: Pusher) -> None:
    await pusher.blob(b"{}")

    done = await pusher.put("1.0", image())

    assert (await pusher.put("1.0", image(), if_match=done.headers["etag"])).status_code == 201


# -- many at once


async def test_writers_of_many_tags_lose_nothing(pusher: Pusher) -> None:
    manifest = await pusher.image()

    await asyncio.gather(*(pusher.manifest(manifest, f"t{number:02}") for number in range(50)))

    assert (await pusher.get("tags/list")).json()["tags"] == [f"t{number:02}" for number in range(50)]
