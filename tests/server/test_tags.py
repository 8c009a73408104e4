"""Lists of tags and of repositories, whole and in pages."""

import httpx
import pytest

from tests.server.pushing import Pusher, codes, digest_of

TAGS = ["0", "A", "Z", "_", "a", "a.1", "a1", "b"]  # in the order of their bytes


async def fill(pusher: Pusher, tags: list[str] = TAGS) -> None:
    manifest = await pusher.image()
    query = "&".join(f"tag={tag}" for tag in reversed(tags))
    assert (await pusher.put(f"{digest_of(manifest)}?{query}", manifest)).status_code == 201


async def follow(client: httpx.AsyncClient, path: str, key: str) -> list[list[str]]:
    """The pages that the links lead through."""
    pages = []
    while path:
        got = await client.get(path)
        pages.append(got.json()[key])
        path = got.links["next"]["url"] if "next" in got.links else ""
    return pages


async def test_tags_are_listed_in_order(pusher: Pusher) -> None:
    await fill(pusher)

    got = await pusher.get("tags/list?n=100")

    assert got.status_code == 200
    assert got.headers["content-type"] == "application/json"
    assert got.json() == {"name": "app", "tags": TAGS}
    assert (await pusher.get("tags/list")).json()["tags"] == TAGS
    assert "link" not in got.headers


async def test_a_repository_with_blobs_only_has_no_tags(pusher: Pusher) -> None:
    await pusher.blob(b"x")

    assert (await pusher.get("tags/list")).json()["tags"] == []


async def test_the_whole_list_names_every_manifest_with_its_tags(pusher: Pusher) -> None:
    tagged, untagged = await pusher.image("tagged", tag="1.0"), await pusher.image("untagged")
    await pusher.manifest(tagged, "1")

    named = (await pusher.get("tags/list")).json()["manifest"]

    assert named == {digest_of(tagged): {"tag": ["1", "1.0"]}, digest_of(untagged): {"tag": []}}


async def test_a_repository_that_nothing_was_pushed_to_is_unknown(pusher: Pusher) -> None:
    await pusher.at("app/inner").image(tag="1.0")

    got = await pusher.get("tags/list")

    assert (got.status_code, codes(got)) == (404, ["NAME_UNKNOWN"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("n=3", TAGS[:3]),
        ("n=8", TAGS),
        ("n=9", TAGS),
        ("n=2147483648", TAGS),
        ("n=99999999999999999999999", TAGS),
        ("last=Z", TAGS[3:]),
        ("n=2&last=Z", TAGS[3:5]),
        ("last=between", ["b"][:0]),
        ("last=B", TAGS[2:]),
        ("last=b", []),
        ("n=2&last=b", []),
        ("n=0", []),
        ("n=0&last=A", []),
    ],
)
async def test_a_part_of_the_list_may_be_asked_for(pusher: Pusher, query: str, expected: list[str]) -> None:
    await fill(pusher)

    assert (await pusher.get(f"tags/list?{query}")).json()["tags"] == expected


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8])
async def test_links_lead_through_all_pages(pusher: Pusher, n: int) -> None:
    await fill(pusher)

    pages = await follow(pusher.client, f"/v2/app/tags/list?n={n}", "tags")

    assert [tag for page in pages for tag in page] == TAGS
    assert {len(page) for page in pages[:-1]} <= {n}


async def test_nothing_asked_for_leads_nowhere(pusher: Pusher) -> None:
    await fill(pusher)

    assert "link" not in (await pusher.get("tags/list?n=0")).headers


@pytest.mark.parametrize("n", ["-1", "many", "1.5", "", "0x10", "٣"])
async def test_a_number_that_is_none_is_refused(pusher: Pusher, n: str) -> None:
    await fill(pusher)

    got = await pusher.client.get("/v2/app/tags/list", params={"n": n})

    assert (got.status_code, codes(got)) == (400, ["UNSUPPORTED"])


async def test_a_page_has_at_most_a_thousand_tags(pusher: Pusher) -> None:
    tags = [f"t{number:04}" for number in range(1050)]
    for first in range(0, len(tags), 60):
        await fill(pusher, tags[first : first + 60])

    pages = await follow(pusher.client, "/v2/app/tags/list?n=5000", "tags")

    assert [len(page) for page in pages] == [1000, 50]
    assert [tag for page in pages for tag in page] == tags


async def test_repositories_are_listed_in_order(pusher: Pusher) -> None:
    names = ["app", "app/blobs", "app/blobs/index.json", "oci-layout", "team/app", "team/app-2"]
    for name in reversed(names):
        await pusher.at(name).image()

    got = await pusher.client.get("/v2/_catalog")

    assert got.json() == {"repositories": names}
    assert await follow(pusher.client, "/v2/_catalog?n=4", "repositories") == [names[:4], names[4:]]


async def test_an_empty_registry_has_no_repositories(client: httpx.AsyncClient) -> None:
    await client.post("/v2/begun/blobs/uploads/")

    assert (await client.get("/v2/_catalog")).json() == {"repositories": []}
