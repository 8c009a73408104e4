from dataclasses import replace

from regtool.model.platform import Platform
from tests.planning.members import attestation, digest, member


def test_a_member_is_its_image_followed_by_its_attestations() -> None:
    image = member("amd64", "linux/amd64", attestation("amd64"))

    assert image.digest == digest("amd64")
    assert image.entries == (image.descriptor, attestation("amd64"))


def test_a_row_stays_as_it_was_when_its_platform_is_the_members() -> None:
    image = member("arm64", "linux/arm64/v8", annotations={"k": "v"}, unknown=[1])

    assert image.entry is image.descriptor


def test_a_platform_given_by_the_user_replaces_the_one_in_the_row_and_nothing_else() -> None:
    image = member("arm", "linux/arm/v7", annotations={"k": "v"}, unknown=[1])

    row = replace(image, platform=Platform("linux", "arm", "v6")).entry

    assert row.as_json() == {
        **image.descriptor.as_json(),
        "platform": {"architecture": "arm", "os": "linux", "variant": "v6"},
    }


def test_a_row_without_a_platform_gets_the_members() -> None:
    image = replace(member("amd64", None), platform=Platform("linux", "amd64"))

    assert image.entry.as_json()["platform"] == {"architecture": "amd64", "os": "linux"}


def test_what_runs_nowhere_gets_no_platform() -> None:
    artifact = member("chart", None)

    assert "platform" not in artifact.entry.as_json()


def test_a_member_is_told_by_its_source_and_a_short_digest() -> None:
    image = member("amd64", "linux/amd64", source="localhost:5000/app:1.0-x86_64")

    assert str(image) == f"localhost:5000/app:1.0-x86_64 (sha256:{digest('amd64').short})"
