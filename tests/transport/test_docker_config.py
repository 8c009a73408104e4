"""Docker's and podman's files, as they are found on real machines."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtool.errors import UsageError
from regtool.transport.credential import IdentityToken, Password, RegistryToken
from regtool.transport.docker_config import DockerConfig, credential_in, key_of, same_registry


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def config(document: object) -> DockerConfig:
    return DockerConfig.parse(json.dumps(document), "config.json")


@pytest.mark.parametrize(
    ("entry", "credential"),
    [
        ({"auth": encoded("u:p")}, Password("u", "p")),
        ({"auth": encoded("u:p:with:colons")}, Password("u", "p:with:colons")),
        ({"auth": encoded("u:p\0\0")}, Password("u", "p")),
        ({"auth": encoded("u:p").rstrip("=")}, Password("u", "p")),
        ({"auth": encoded("robot$x:ключ")}, Password("robot$x", "ключ")),
        ({"username": "u", "password": "p"}, Password("u", "p")),
        ({"auth": encoded("0000:"), "identitytoken": "refresh"}, IdentityToken("refresh", "0000")),
        ({"identitytoken": "refresh"}, IdentityToken("refresh")),
        ({"registrytoken": "bearer"}, RegistryToken("bearer")),
        ({"registrytoken": "bearer", "auth": encoded("u:p")}, RegistryToken("bearer")),
        ({"registrytoken": " bearer\n"}, RegistryToken("bearer")),
        ({}, None),
        ({"email": "x@y"}, None),
        ({"auth": ""}, None),
        ({"auth": 5}, None),
    ],
)
def test_an_entry_holds_one_of_three_kinds(entry: dict[str, Any], credential: object) -> None:
    assert credential_in(entry) == credential


@pytest.mark.parametrize("auth", ["%%%", encoded("nocolon"), encoded(":p"), "/w==", "YQ", "dTpw\n\n!"])
def test_an_entry_that_makes_no_sense_is_a_value_error(auth: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        credential_in({"auth": auth})


@pytest.mark.parametrize(
    ("key", "host", "same"),
    [
        ("reg.example.com", "reg.example.com", True),
        ("https://reg.example.com", "reg.example.com", True),
        ("https://reg.example.com/", "reg.example.com", True),
        ("https://reg.example.com/v1/", "reg.example.com", True),
        ("http://reg.example.com:5000/v2/", "reg.example.com:5000", True),
        ("reg.example.com:443", "reg.example.com", False),
        ("reg.example.com", "reg.example.com:443", False),
        ("reg.example.com/team", "reg.example.com", False),
        ("https://index.docker.io/v1/", "docker.io", True),
        ("index.docker.io", "docker.io", True),
        ("docker.io", "docker.io", True),
        ("registry-1.docker.io", "docker.io", True),
        ("hub.docker.com", "docker.io", False),
        ("reg.example.com.evil.net", "reg.example.com", False),
    ],
)
def test_keys_are_hosts_in_many_spellings(key: str, host: str, same: bool) -> None:
    assert same_registry(key, host) is same


def test_the_closest_key_of_podman_comes_first() -> None:
    found = config({"auths": {"r.io": {}, "r.io/a": {}, "r.io/a/b": {}, "r.io/ab": {}, "https://r.io/v1/": {}}})

    assert [key for key, _ in found.entries("r.io", "a/b")] == ["r.io/a/b", "r.io/a", "r.io", "https://r.io/v1/"]
    assert [key for key, _ in found.entries("r.io")] == ["r.io", "https://r.io/v1/"]


def test_a_helper_for_the_registry_goes_before_the_store() -> None:
    found = config({"credsStore": "store", "credHelpers": {"r.io": "own", "https://index.docker.io/v1/": "hub"}})

    assert found.helper_for("r.io") == ("own", "r.io")
    assert found.helper_for("docker.io") == ("hub", "https://index.docker.io/v1/")
    assert found.helper_for("other.io") == ("store", "other.io")
    assert config({"credsStore": "store"}).helper_for("docker.io") == ("store", "https://index.docker.io/v1/")
    assert config({"auths": {}}).helper_for("r.io") is None


def test_dockers_name_for_docker_hub() -> None:
    assert (key_of("docker.io"), key_of("ghcr.io")) == ("https://index.docker.io/v1/", "ghcr.io")


def test_the_old_file_has_its_entries_at_the_top() -> None:
    found = config({"https://index.docker.io/v1/": {"auth": encoded("u:p")}})

    assert [credential_in(entry) for _, entry in found.entries("docker.io")] == [Password("u", "p")]


@pytest.mark.parametrize(
    "document", [{"auths": 5}, {"auths": {"a": 5}}, {"credHelpers": []}, {"credsStore": {}}, {"x": 1}]
)
def test_fields_that_make_no_sense_are_passed_over(document: object) -> None:
    found = config(document)

    assert (list(found.entries("a")), found.helper_for("a")) == ([], None)


class TestFiles:
    """The file itself."""

    @staticmethod
    def file(directory: Path, content: bytes) -> Path:
        path = directory / "config.json"
        path.write_bytes(content)
        return path

    def test_that_is_not_there_is_no_file(self, tmp_path: Path) -> None:
        assert DockerConfig.read(tmp_path / "config.json") is None
        assert DockerConfig.read(self.file(tmp_path, b"{}") / "config.json") is None

    def test_that_is_empty_says_nothing(self, tmp_path: Path) -> None:
        assert DockerConfig.read(self.file(tmp_path, b" \n")) == DockerConfig()

    def test_may_begin_with_a_byte_order_mark(self, tmp_path: Path) -> None:
        found = DockerConfig.read(self.file(tmp_path, b'\xef\xbb\xbf{"credsStore": "x"}'))

        assert found
        assert found.store == "x"

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b'{"auths": {', "is not valid JSON at line 1, column 12; mend or remove it"),
            (b"[]", "is not a JSON object"),
            (b"\xff\xfe{}", "is not UTF-8 at byte 0"),
            (b"[" * 100_000, "is not valid JSON"),
            (b" " * (4 * 1024 * 1024 + 1), "is longer than"),
        ],
    )
    def test_that_is_broken_is_an_error_that_names_it(self, tmp_path: Path, content: bytes, complaint: str) -> None:
        with pytest.raises(UsageError, match=complaint) as caught:
            DockerConfig.read(self.file(tmp_path, content))

        assert caught.value.what == str(tmp_path / "config.json")

    def test_that_is_a_directory_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be read"):
            DockerConfig.read(tmp_path)


def test_secrets_are_not_in_any_repr() -> None:
    found = config({"auths": {"r.io": {"auth": encoded("u:canary")}}})

    shown = repr(found) + repr(Password("u", "canary")) + repr(IdentityToken("canary")) + repr(RegistryToken("canary"))
    assert "canary" not in shown
    assert encoded("u:canary") not in shown


_names = st.sampled_from(["auths", "credsStore", "credHelpers", "auth", "username", "identitytoken", "r.io", "r.io/a"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(_names, _json, max_size=4))
def test_any_document_is_read_or_passed_over(document: dict[str, Any]) -> None:
    found = config(document)

    found.helper_for("r.io")
    for _, entry in found.entries("r.io", "a/b"):
        try:
            credential_in(entry)
        except ValueError as failure:
            assert str(failure)  # noqa: PT017
