"""The manifests that are about another one."""

from typing import Any

import pytest

from tests.server.pushing import (
    OCI_CONFIG,
    OCI_INDEX,
    OCI_MANIFEST,
    UNKNOWN,
    Pusher,
    codes,
    descriptor,
    digest_of,
    index,
)


async def about(pusher: Pusher, subject: bytes, **more: Any) -> bytes:
    """Pushes an artifact with this subject."""
    return await pusher.image(f"artifact {more}", subject=descriptor(subject, OCI_MANIFEST), **more)


async def test_without_referrers_the_list_is_empty(pusher: Pusher) -> None:
    digest = digest_of(await pusher.image())

    got = await pusher.get(f"referrers/{digest}")

    assert (got.status_code, got.headers["content-type"]) == (200, OCI_INDEX)
    assert got.json() == {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}


@pytest.mark.parametrize("name", ["app", "nowhere"])
async def test_unknown_subjects_have_an_empty_list_too(pusher: Pusher, name: str) -> None:
    await pusher.image()

    got = await pusher.at(name).get(f"referrers/{UNKNOWN}")

    assert (got.status_code, got.json()["manifests"]) == (200, [])


@pytest.mark.parametrize("digest", ["nonsense", "sha256:short", "md5:d41d8cd98f00b204e9800998ecf8427e"])
async def test_what_is_no_digest_is_refused(pusher: Pusher, digest: str) -> None:
    got = await pusher.get(f"referrers/{digest}")

    assert (got.status_code, codes(got)) == (400, ["DIGEST_INVALID"])


async def test_an_artifact_is_listed_with_its_type_and_annotations(pusher: Pusher) -> None:
    subject = await pusher.image()
    notes = {"org.example.a": "1", "org.example.b": ""}
    artifact = await about(pusher, subject, artifactType="application/x.sbom", annotations=notes)

    listed = (await pusher.get(f"referrers/{digest_of(subject)}")).json()["manifests"]

    assert listed == [
        descriptor(artifact, OCI_MANIFEST, artifactType="application/x.sbom", annotations=notes),
    ]


@pytest.mark.parametrize("more", [{}, {"artifactType": ""}])
async def test_an_image_without_a_type_is_listed_by_that_of_its_configuration(
    pusher: Pusher, more: dict[str, str]
) -> None:
    subject = await pusher.image()
    await about(pusher, subject, **more)

    listed = (await pusher.get(f"referrers/{digest_of(subject)}")).json()["manifests"]

    assert [entry["artifactType"] for entry in listed] == [OCI_CONFIG]


async def test_an_index_without_a_type_is_listed_without_one(pusher: Pusher) -> None:
    subject = await pusher.image()
    whole = index(subject=descriptor(subject, OCI_MANIFEST))
    await pusher.manifest(whole)

    listed = (await pusher.get(f"referrers/{digest_of(subject)}")).json()["manifests"]

    assert listed == [descriptor(whole, OCI_INDEX)]


async def test_the_list_may_be_filtered_by_type(pusher: Pusher) -> None:
    subject = await pusher.image()
    signature = await about(pusher, subject, artifactType="application/x.signature")
    await about(pusher, subject, artifactType="application/x.sbom")

    path = f"/v2/app/referrers/{digest_of(subject)}"
    got = await pusher.client.get(path, params={"artifactType": "application/x.signature"})

    assert got.headers["oci-filters-applied"] == "artifactType"
    assert [entry["digest"] for entry in got.json()["manifests"]] == [digest_of(signature)]


async def test_without_a_filter_none_is_claimed(pusher: Pusher) -> None:
    got = await pusher.get(f"referrers/{UNKNOWN}")

    assert "oci-filters-applied" not in got.headers


async def test_a_subject_may_come_after_its_referrers(pusher: Pusher) -> None:
    subject = b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}'
    artifact = await about(pusher, subject)
    await pusher.manifest(subject)

    listed = (await pusher.get(f"referrers/{digest_of(subject)}")).json()["manifests"]

    assert [entry["digest"] for entry in listed] == [digest_of(artifact)]


async def test_a_deleted_referrer_is_no_longer_listed(pusher: Pusher) -> None:
    subject = await pusher.image()
    artifact = await about(pusher, subject)
    assert (await pusher.get(f"referrers/{digest_of(subject)}")).json()["manifests"]

    await pusher.delete(f"manifests/{digest_of(artifact)}")

    assert not (await pusher.get(f"referrers/{digest_of(subject)}")).json()["manifests"]


async def test_a_referrer_below_a_list_is_found(pusher: Pusher) -> None:
    subject = await pusher.image()
    artifact = await about(pusher, subject)
    await pusher.manifest(index(artifact), "sha256-" + digest_of(subject).removeprefix("sha256:"))

    listed = (await pusher.get(f"referrers/{digest_of(subject)}")).json()["manifests"]

    assert [entry["digest"] for entry in listed] == [digest_of(artifact)]


async def test_a_list_that_is_too_long_for_one_answer_comes_in_pages(pusher: Pusher) -> None:
    subject = await pusher.image()
    for number in range(4):
        await about(pusher, subject, annotations={"number": str(number), "padding": "x" * 900_000})

    path, found, pages = f"/v2/app/referrers/{digest_of(subject)}?artifactType={OCI_CONFIG}", set(), 0
    while path:
        got = await pusher.client.get(path)
        assert len(got.content) < 4 * 1024 * 1024
        found |= {entry["annotations"]["number"] for entry in got.json()["manifests"]}
        path, pages = got.links["next"]["url"] if "next" in got.links else "", pages + 1

    assert (found, pages) == ({"0", "1", "2", "3"}, 2)
