"""The names of registries as people write them."""

import pytest

from regtool.errors import UsageError
from regtool.model.host import host_named, usual_host


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("registry.example.com", "registry.example.com"),
        ("Registry.Example.COM:5000", "registry.example.com:5000"),
        ("https://registry.example.com", "registry.example.com"),
        ("http://localhost:5000/", "localhost:5000"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("registry-1.docker.io/v2", "docker.io"),
        ("Docker.io", "docker.io"),
        ("LOCALHOST", "localhost"),
        ("[FD00::2]:5000", "[fd00::2]:5000"),
    ],
)
def test_a_registry_goes_by_one_name(text: str, host: str) -> None:
    assert host_named(text) == host


def test_capitals_stay_where_they_alone_make_it_a_host() -> None:
    assert usual_host("Foo") == "Foo"  # foo/bar would be on Docker Hub


@pytest.mark.parametrize(
    "text", ["", "https://", "a b", "registry.example.com/app", "ftp://r.io", "u:p@r.io", "r.io:0", "r.io\n"]
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a registry host; write it as host or host:port"):
        host_named(text)


@pytest.mark.parametrize("text", ["u:hunter2@r.io", "https://u:hunter2@r.io", "http://u:hunter2@r.io/app"])
def test_a_password_in_front_of_it_is_not_shown(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        host_named(text)

    assert "hunter2" not in str(refused.value)
    assert "r.io" in str(refused.value)
