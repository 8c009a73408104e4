"""Programs of others push to the registry and pull from it."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from tests.judges import answer_of, docker_manifest_inspect
from tests.registries import FIXTURES
from tests.server.pushing import Pusher, digest_of


@pytest.fixture
def host(client: httpx.AsyncClient) -> str:
    """Where the registry is, as it stands in an image reference."""
    return client.base_url.netloc.decode()


async def skopeo_copy(source: str, target: str, *more: str) -> None:
    arguments = ("copy", "--quiet", "--all", "--src-tls-verify=false", "--dest-tls-verify=false", *more, source, target)
    await asyncio.to_thread(answer_of, "skopeo", *arguments)


@pytest.mark.parametrize("tar", ["multi.attested.oci.tar", "amd64.oci.tar", "windows-amd64.oci.tar"])
async def test_skopeo_pushes_and_pulls_the_same_bytes(pusher: Pusher, host: str, tmp_path: Path, tar: str) -> None:
    await skopeo_copy(f"oci-archive:{FIXTURES / 'buildx' / tar}", f"docker://{host}/app:1.0")
    await skopeo_copy(f"docker://{host}/app:1.0", f"docker://{host}/other/app:2.0")
    await skopeo_copy(f"docker://{host}/other/app:2.0", f"oci:{tmp_path / 'pulled'}:2.0")

    pushed = (await pusher.get("manifests/1.0")).content
    raw = await asyncio.to_thread(answer_of, "skopeo", "inspect", "--raw", f"oci:{tmp_path / 'pulled'}:2.0")
    assert raw == pushed
    assert (await pusher.at("other/app").get("manifests/2.0")).content == pushed


async def test_skopeo_pushes_docker_s_types(pusher: Pusher, host: str) -> None:
    tar = FIXTURES / "buildx" / "amd64.oci.tar"
    await skopeo_copy(f"oci-archive:{tar}", f"docker://{host}/app:1.0", "--format", "v2s2")

    got = await pusher.get("manifests/1.0")

    assert got.headers["content-type"] == "application/vnd.docker.distribution.manifest.v2+json"


async def test_skopeo_lists_and_deletes(pusher: Pusher, host: str) -> None:
    for tag in ("1.0", "1.1"):
        await pusher.image(tag, tag=tag)

    listed = await asyncio.to_thread(answer_of, "skopeo", "list-tags", "--tls-verify=false", f"docker://{host}/app")
    await asyncio.to_thread(answer_of, "skopeo", "delete", "--tls-verify=false", f"docker://{host}/app:1.0")

    assert json.loads(listed)["Tags"] == ["1.0", "1.1"]
    assert (await pusher.get("tags/list")).json()["tags"] == ["1.1"]


async def test_docker_makes_a_list_of_images(pusher: Pusher, host: str) -> None:
    for name in ("amd64", "arm64"):
        tar = FIXTURES / "buildx" / f"{name}.docker-mediatypes.oci.tar"
        await skopeo_copy(f"oci-archive:{tar}", f"docker://{host}/app:{name}")
    sources = [f"{host}/app:{name}" for name in ("amd64", "arm64")]

    create, push = ["create", "--insecure", f"{host}/app:1.0", *sources], ["push", "--insecure", f"{host}/app:1.0"]
    await asyncio.to_thread(answer_of, "docker", "manifest", *create)
    said = await asyncio.to_thread(answer_of, "docker", "manifest", *push)

    got = await pusher.get("manifests/1.0")
    assert said.decode().strip() == digest_of(got.content)
    shown = await asyncio.to_thread(docker_manifest_inspect, f"{host}/app:1.0")
    assert [entry["platform"]["architecture"] for entry in shown["manifests"]] == ["amd64", "arm64"]
