"""Docker's configuration is changed in one step, by one process at a time, and only where it should be."""

import json
import multiprocessing
from pathlib import Path

import pytest

from regtool import StorageError, UsageError
from regtool.transport.credential import IdentityToken, Password
from regtool.transport.credential_file import remove_entry, write_entry
from regtool.transport.docker_config import DockerConfig, credential_in


def read_back(path: Path, host: str) -> object:
    config = DockerConfig.read(path)
    assert config is not None
    return credential_in(next(config.entries(host))[1])


@pytest.mark.parametrize(
    "credential", [Password("me", "a:b c"), Password("robot$x", "ü"), IdentityToken("token", "me")]
)
def test_what_is_written_is_what_is_read(tmp_path: Path, credential: Password | IdentityToken) -> None:
    path = tmp_path / "docker" / "config.json"
    write_entry(path, "localhost:5000", credential)

    assert read_back(path, "localhost:5000") == credential
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_docker_hub_has_the_key_that_docker_uses_and_its_other_names_go(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"auths": {"docker.io": {"auth": "YTpi"}, "registry-1.docker.io": {}}}')
    write_entry(path, "docker.io", Password("me", "secret"))

    assert list(json.loads(path.read_text())["auths"]) == ["https://index.docker.io/v1/"]


def test_a_link_stays_a_link_and_what_is_behind_it_changes(tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_text("{}")
    link = tmp_path / "config.json"
    link.symlink_to(real)
    write_entry(link, "localhost:5000", Password("me", "secret"))

    assert link.is_symlink()
    assert read_back(real, "localhost:5000") == Password("me", "secret")


@pytest.mark.parametrize("content", ["{", "[]", '{"auths": []}', "\x00"])
def test_a_file_of_another_form_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(UsageError, match="nothing was written"):
        write_entry(path, "localhost:5000", Password("me", "secret"))

    assert path.read_text() == content


def test_removing_what_is_not_there_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    assert not remove_entry(path, "localhost:5000")
    path.write_text('{"auths":{}}')
    before = path.stat().st_mtime_ns

    assert not remove_entry(path, "localhost:5000")
    assert path.stat().st_mtime_ns == before


def test_a_place_that_cannot_be_written_is_an_error_of_storage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_entry(tmp_path / "file" / "config.json", "localhost:5000", Password("me", "secret"))


def _log_in(path: Path, number: int) -> None:
    write_entry(path, f"localhost:{number}", Password("me", str(number)))


def test_processes_that_log_in_at_once_lose_nothing_and_show_no_half_file(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    spawn = multiprocessing.get_context("fork")
    numbers = range(6000, 6020)
    processes = [spawn.Process(target=_log_in, args=(path, number)) for number in numbers]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        if path.exists():
            json.loads(path.read_text())
    for process in processes:
        process.join()

    assert set(json.loads(path.read_text())["auths"]) == {f"localhost:{number}" for number in numbers}
    assert sorted(found.name for found in tmp_path.iterdir()) == [".config.json.lock", "config.json"]
