import pytest

from regtool.documents.image import ImageConfig, ImageManifest
from regtool.documents.strict_json import load_object
from regtool.errors import ContentError
from regtool.model import media_type as types
from regtool.model.platform import Platform
from tests.documents.samples import EVIL, GOOD, LAYOUTS, blob, descriptor, image, manifests, root

PLATFORMS = {
    "amd64.oci.tar": Platform("linux", "amd64"),
    "amd64.docker.tar": Platform("linux", "amd64"),
    "amd64.docker-mediatypes.oci.tar": Platform("linux", "amd64"),
    "arm64.oci.tar": Platform("linux", "arm64"),
    "armv7.oci.tar": Platform("linux", "arm", "v7"),
    "armv7.docker-mediatypes.oci.tar": Platform("linux", "arm", "v7"),
    "windows-amd64.oci.tar": Platform("windows", "amd64"),
}


def config_of(name: str) -> ImageConfig:
    content = blob(name, root(name).as_image().config.digest)
    return ImageConfig.view(load_object(content, name), name)


@pytest.mark.parametrize(("name", "platform"), PLATFORMS.items())
def test_a_configuration_names_the_platform(name: str, platform: Platform) -> None:
    assert config_of(name).platform == platform


def test_a_configuration_says_how_to_run() -> None:
    config = config_of("amd64.oci.tar")

    assert config.config is not None
    assert config.config.command == ["/app"]
    assert config.config.environment is not None
    assert "APP_ARCH=amd64" in config.config.environment
    assert config.config.working_directory == "/"
    assert config.created == "2023-11-14T22:13:20Z"
    assert config.labels == {
        "org.opencontainers.image.title": "java-multi-arch-demo",
        "org.opencontainers.image.version": "1.0",
    }


@pytest.mark.parametrize("run", [{}, {"config": None}, {"config": {}}, {"config": {"Labels": None}}])
def test_an_image_may_have_no_labels(run: dict[str, object]) -> None:
    assert ImageConfig.view({"architecture": "arm64", "os": "linux", **run}, "here").labels == {}


def test_a_platform_has_all_that_the_configuration_says() -> None:
    document = {
        "architecture": "amd64",
        "os": "windows",
        "os.version": "10.0.20348.2402",
        "os.features": ["win32k"],
        "variant": "v2",
    }

    platform = ImageConfig.view(document, "here").platform

    assert platform == Platform("windows", "amd64", "v2", "10.0.20348.2402", ("win32k",))


def test_an_attestation_has_no_configuration_to_read_a_platform_from() -> None:
    name = "amd64.attested.oci.tar"
    (attestation,) = [found for found in manifests(name)[1:] if found.as_image().artifact_type]
    content = blob(name, attestation.as_image().config.digest)

    assert content == b"{}"
    assert attestation.as_image().config.media_type == types.OCI_EMPTY
    assert attestation.as_image().subject is not None
    with pytest.raises(ContentError, match="architecture: Field required"):
        ImageConfig.view(load_object(content, name), name)


@pytest.mark.parametrize("name", LAYOUTS)
def test_an_image_names_every_blob_that_it_needs(name: str) -> None:
    for manifest in manifests(name):
        if not manifest.is_index:
            found = manifest.as_image()
            assert [len(blob(name, needed.digest)) for needed in found.blobs] == [needed.size for needed in found.blobs]
            assert found.size == sum(needed.size for needed in found.blobs)
            assert found.blobs[0] == found.config


def test_a_blob_that_is_used_twice_is_needed_and_downloaded_once() -> None:
    layers = [descriptor(digest=EVIL, size=10), descriptor(digest=EVIL, size=10)]

    view = ImageManifest.view(image(config=descriptor(size=7), layers=layers), "here")

    assert [str(needed.digest) for needed in view.blobs] == [GOOD, EVIL]
    assert view.size == 17
