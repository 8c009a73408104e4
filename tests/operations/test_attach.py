"""Files attached to images, read back by oras-py as an independent client, and the reverse."""

import asyncio
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from oras.oci import Subject
from oras.provider import Registry

from regtool import (
    AttachRequest,
    CopyRequest,
    NotFoundError,
    Reference,
    StorageError,
    Stores,
    UsageError,
    attach,
    copy,
    read_referrers,
)
from tests.images import push_image
from tests.judges import skopeo_inspect_raw
from tests.registries import FIXTURES, RunningRegistry

BOM = "application/vnd.cyclonedx+json"
CONTENT = b'{"components": []}'
BUILT = f"oci-archive:{FIXTURES}/buildx/multi.attested.oci.tar"


@pytest.fixture
def bom(tmp_path: Path) -> Path:
    path = tmp_path / "bom.json"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def image(registry: RunningRegistry, repository: str) -> str:
    push_image(registry, repository, "1.0")
    return f"{registry.host}/{repository}:1.0"


def pulled_by_oras(reference: str, folder: Path) -> dict[str, bytes]:
    files = Registry(insecure=True).pull(reference, outdir=str(folder))
    return {Path(file).name: Path(file).read_bytes() for file in files}


class TestAnArtifact:
    async def test_is_pulled_by_oras(self, image: str, bom: Path, tmp_path: Path, stores: Stores) -> None:
        plan = await attach(AttachRequest.parse(image, [str(bom)], BOM), stores)

        assert pulled_by_oras(str(plan.result), tmp_path / "pulled") == {"bom.json": CONTENT}

    async def test_is_about_the_image_by_its_digest_and_touches_no_tag(
        self, image: str, bom: Path, stores: Stores
    ) -> None:
        before = skopeo_inspect_raw(image)
        plan = await attach(AttachRequest.parse(image, [str(bom)], BOM), stores)
        reference = Reference.parse(image)
        subject = plan.root.as_image().subject

        assert subject == (await stores.at(reference.place).manifest(reference.selector)).descriptor
        assert skopeo_inspect_raw(image) == before
        assert plan.tags == ()

    async def test_has_the_form_of_the_specification(self, image: str, bom: Path, stores: Stores) -> None:
        request = AttachRequest.parse(image, [str(bom), f"{bom}:text/plain"], BOM, annotations={"by": "us"})
        document: dict[str, Any] = json.loads((await attach(request, stores)).root.content)

        assert list(document) == [
            "schemaVersion", "mediaType", "artifactType", "config", "layers", "subject", "annotations"
        ]  # fmt: skip
        assert document["artifactType"] == BOM
        assert document["config"]["mediaType"] == "application/vnd.oci.empty.v1+json"
        assert [layer["mediaType"] for layer in document["layers"]] == [BOM, "text/plain"]
        assert document["layers"][0]["annotations"] == {"org.opencontainers.image.title": "bom.json"}

    async def test_is_the_same_when_attached_again(self, image: str, bom: Path, stores: Stores) -> None:
        first = await attach(AttachRequest.parse(image, [str(bom)], BOM), stores)
        second = await attach(AttachRequest.parse(image, [str(bom)], BOM), stores)

        assert first.root == second.root
        assert len((await read_referrers(Reference.parse(image), stores)).referrers) == 1

    async def test_may_be_a_folder(self, image: str, tmp_path: Path, stores: Stores) -> None:
        (tmp_path / "reports").mkdir()
        (tmp_path / "reports" / "one.txt").write_text("1")
        plan = await attach(AttachRequest.parse(image, [str(tmp_path / "reports")], BOM), stores)
        place, layer = stores.at(plan.target), plan.root.as_image().layers[0]
        (tmp_path / "back.tar.gz").write_bytes(b"".join([chunk async for chunk in place.blob(layer)]))

        with tarfile.open(tmp_path / "back.tar.gz") as packed:
            assert any(name.endswith("one.txt") for name in packed.getnames())

    async def test_may_be_about_the_image_for_one_platform(self, bom: Path, tmp_path: Path, stores: Stores) -> None:
        target = f"oci:{tmp_path}/layout:1.0"
        await copy(CopyRequest.parse(BUILT, target), stores)
        await attach(AttachRequest.parse(target, [str(bom)], BOM, platform="arm64"), stores)
        found = await read_referrers(Reference.parse(target), stores)
        about = [entry for entry in found.entries if BOM in [one.descriptor.artifact_type for one in entry.referrers]]

        assert [str(entry.descriptor.platform.value) for entry in about if entry.descriptor.platform] == ["linux/arm64"]


async def test_what_several_attach_at_the_same_time_is_all_listed(
    registry: RunningRegistry, image: str, tmp_path: Path
) -> None:
    """Each with a client of its own, as jobs of a pipeline do; where nobody else lists them, they do it themselves."""

    async def job(number: int) -> None:
        path = tmp_path / f"{number}.json"
        path.write_text(f"{number}")
        async with Stores() as stores:
            await attach(AttachRequest.parse(image, [str(path)], BOM), stores)

    await asyncio.gather(*map(job, range(6)))
    async with Stores() as stores:
        assert len((await read_referrers(Reference.parse(image), stores)).referrers) == 6


async def test_what_oras_pushes_about_an_image_is_found(
    registry: RunningRegistry, repository: str, image: str, bom: Path, stores: Stores
) -> None:
    """oras-py lists nothing by tag: where the registry has no API, what it pushed is not listed anywhere."""
    reference = Reference.parse(image)
    subject = (await stores.at(reference.place).manifest(reference.selector)).descriptor
    Registry(insecure=True).push(
        f"{registry.host}/{repository}:bom",
        files=[f"{bom}:{BOM}"],
        subject=Subject(subject.media_type, str(subject.digest), subject.size),
        disable_path_validation=True,
        quiet=True,
    )
    found = await read_referrers(reference, stores)
    pushed = await stores.at(reference.place).manifest(Reference.parse(f"{registry.host}/{repository}:bom").selector)

    assert pushed.as_image().subject == subject
    assert [one.descriptor.digest for one in found.referrers] in ([pushed.digest], [])


class TestWords:
    @pytest.mark.parametrize("artifact_type", ["", "bom", "a/b/c", "a b/c"])
    def test_an_artifact_has_a_media_type(self, artifact_type: str, bom: Path) -> None:
        with pytest.raises(UsageError, match="is no media type; write it like application/vnd.cyclonedx"):
            AttachRequest.parse("localhost:5000/app:1.0", [str(bom)], artifact_type)

    def test_a_file_has_to_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match="no such file or directory"):
            AttachRequest.parse("localhost:5000/app:1.0", [str(tmp_path / "none.json")], BOM)

    def test_there_has_to_be_one(self) -> None:
        with pytest.raises(UsageError, match="no file to attach"):
            AttachRequest.parse("localhost:5000/app:1.0", [], BOM)

    async def test_the_image_has_to_be_there(
        self, registry: RunningRegistry, repository: str, bom: Path, stores: Stores
    ) -> None:
        with pytest.raises(NotFoundError):
            await attach(AttachRequest.parse(f"{registry.host}/{repository}:none", [str(bom)], BOM), stores)
