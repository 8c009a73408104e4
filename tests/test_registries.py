"""The registries that the other tests stand on, and the judges, agree with each other."""

import json
import urllib.error
import urllib.request
from hashlib import sha256

import pytest

from tests.judges import ask, docker_manifest_create, docker_manifest_inspect, skopeo_inspect_raw
from tests.registries import RunningRegistry


def sha256_of(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


def test_a_pushed_fixture_is_what_skopeo_reads(debian_registry: RunningRegistry, repository: str) -> None:
    digest = debian_registry.push("amd64.attested.oci.tar", repository, "1.0")

    assert sha256_of(skopeo_inspect_raw(f"{debian_registry.host}/{repository}:1.0")) == digest


def test_a_pushed_index_has_all_its_children(debian_registry: RunningRegistry, repository: str) -> None:
    debian_registry.push("multi.attested.oci.tar", repository, "1.0")

    listed = docker_manifest_inspect(f"{debian_registry.host}/{repository}:1.0")["manifests"]

    assert len(listed) == 6
    for child in listed:
        content = skopeo_inspect_raw(f"{debian_registry.host}/{repository}@{child['digest']}")
        assert sha256_of(content) == child["digest"]


def test_docker_manifest_create_refuses_an_attested_source(debian_registry: RunningRegistry, repository: str) -> None:
    debian_registry.push("amd64.attested.oci.tar", repository, "1.0-x86_64")
    name = f"{debian_registry.host}/{repository}"

    refused = docker_manifest_create(f"{name}:1.0", f"{name}:1.0-x86_64")

    assert refused.returncode != 0
    assert b"is a manifest list" in refused.stderr


def test_requests_are_counted_between_a_mark_and_now(registry: RunningRegistry, repository: str) -> None:
    registry.push("amd64.oci.tar", repository, "1.0")
    mark = registry.mark()

    skopeo_inspect_raw(f"{registry.host}/{repository}:1.0")

    asked = [str(request) for request in registry.requests_since(mark)]
    assert asked == ["GET /v2/ 200", f"GET /v2/{repository}/manifests/1.0 200"]
    assert registry.requests_since(registry.mark()) == []


def test_a_password_is_wanted_where_one_is_set(htpasswd_registry: RunningRegistry, repository: str) -> None:
    digest = htpasswd_registry.push("arm64.oci.tar", repository, "1.0")
    reference = f"{htpasswd_registry.host}/{repository}:1.0"

    assert sha256_of(skopeo_inspect_raw(reference, htpasswd_registry.credentials)) == digest
    assert ask("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{reference}").returncode != 0
    with pytest.raises(urllib.error.HTTPError, match="401") as refusal:
        urllib.request.urlopen(f"{htpasswd_registry.url}/v2/", timeout=10)
    refusal.value.close()


def test_requests_are_counted_where_a_password_is_set(htpasswd_registry: RunningRegistry, repository: str) -> None:
    mark = htpasswd_registry.mark()

    htpasswd_registry.push("arm64.oci.tar", repository, "1.0")

    assert str(htpasswd_registry.requests_since(mark)[-1]) == f"PUT /v2/{repository}/manifests/1.0 201"


def test_every_registry_takes_every_fixture(registry: RunningRegistry, repository: str) -> None:
    for name in ("windows-amd64.oci.tar", "armv7.docker-mediatypes.oci.tar", "multi.attested.oci.tar"):
        digest = registry.push(name, repository, "1.0")
        content = skopeo_inspect_raw(f"{registry.host}/{repository}:1.0")
        assert sha256_of(content) == digest
        assert json.loads(content)["schemaVersion"] == 2
