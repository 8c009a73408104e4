"""Names of repositories, and where they lie in the served directory."""

import json
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtool.server.problems import Problem
from regtool.server.repositories import Repositories
from tests.server.pushing import Pusher, codes, digest_of, image

PARTS = st.sampled_from(["a", "app", "blobs", "index.json", "oci-layout", "index.json.lock", "sha256", "x-y", "0"])


@pytest.mark.parametrize(
    "name",
    [
        "UPPER",
        "a//b",
        "/a",
        "a/",
        "a..b",
        "a___b",
        "-a",
        "a-",
        "_uploads",
        ".",
        "..",
        "a/../b",
        "a b",
        "ü",
        "a:b",
        "%2e",
    ],
)
def test_what_is_no_name_has_no_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem) as refused:
        Repositories(tmp_path, strict=True).at(name)

    assert (refused.value.status, refused.value.faults[0].code) == (400, "NAME_INVALID")


@pytest.mark.parametrize("name", ["a" * 256, "a\x00b", "a\nb"], ids=["long", "nul", "newline"])
def test_nor_has_what_no_file_could_be_called(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem):
        Repositories(tmp_path, strict=True).at(name)


@given(st.lists(PARTS, min_size=1, max_size=5), st.lists(PARTS, min_size=1, max_size=5))
def test_no_two_repositories_lie_in_each_other_s_files(one: list[str], other: list[str]) -> None:
    repositories = Repositories(Path("/registry"), strict=True)
    first, second = (repositories.at("/".join(parts)).layout.path for parts in (one, other))

    assert (first == second) == (one == other)
    for layout in (first, second):
        assert layout.is_relative_to("/registry")
        assert not {"blobs", "index.json", "oci-layout", "index.json.lock"} & set(layout.parts)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "tags/list"),
        ("GET", "manifests/1.0"),
        ("HEAD", "manifests/1.0"),
        ("PUT", "manifests/1.0"),
        ("DELETE", "manifests/1.0"),
        ("GET", f"blobs/{digest_of(b'x')}"),
        ("DELETE", f"blobs/{digest_of(b'x')}"),
        ("GET", f"referrers/{digest_of(b'x')}"),
        ("POST", "blobs/uploads/"),
        ("PATCH", "blobs/uploads/00000000-0000-0000-0000-000000000000"),
    ],
)
@pytest.mark.parametrize("name", ["UPPER", "a..b", "a/%2e%2e/b", "_uploads"])
async def test_bad_names_are_refused_everywhere(
    client: httpx.AsyncClient, root: Path, method: str, path: str, name: str
) -> None:
    refused = await client.request(method, f"/v2/{name}/{path}")

    assert refused.status_code == 400
    assert method == "HEAD" or codes(refused) == ["NAME_INVALID"]
    assert _names_below(root) == ["_uploads"]


def _names_below(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*")]


async def test_repositories_nest(pusher: Pusher) -> None:
    names = ["a", "a/b", "a/b/c", "a/blobs", "a/blobs/sha256", "a/index.json", "a/manifests/b", "a/tags/list"]
    for name in names:
        await pusher.at(name).image(name, tag="1.0")

    for name in names:
        manifest = image(b"{}", (name.encode(),))
        assert (await pusher.at(name).get("manifests/1.0")).content == manifest
        assert (await pusher.at(name).get("tags/list?n=9")).json() == {"name": name, "tags": ["1.0"]}


async def test_a_repository_is_a_layout_that_others_can_read(pusher: Pusher, root: Path) -> None:
    manifest = await pusher.at("team/app").image(tag="1.0")

    layout = root / "team" / "app"
    assert json.loads((layout / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    entry = json.loads((layout / "index.json").read_text())["manifests"][0]
    assert entry["digest"] == digest_of(manifest)
    assert entry["annotations"] == {"org.opencontainers.image.ref.name": "1.0"}
    assert (layout / "blobs" / "sha256" / digest_of(manifest).removeprefix("sha256:")).read_bytes() == manifest


async def test_a_layout_that_is_put_there_is_served(pusher: Pusher, root: Path) -> None:
    manifest = await pusher.image(tag="1.0")
    (root / "brought").mkdir()
    (root / "app").rename(root / "brought" / "in")

    assert (await pusher.at("brought/in").get("manifests/1.0")).content == manifest
    assert (await pusher.client.get("/v2/_catalog")).json() == {"repositories": ["brought/in"]}
    assert (await pusher.get("manifests/1.0")).status_code == 404
