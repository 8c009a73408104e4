"""Adding to the user's configuration: what else is in it stays as it is, and what it says is read back."""

import tomllib
from pathlib import Path

import pytest

from regtool.errors import StorageError, UsageError
from regtool.transport.config_file import configured
from regtool.transport.config_writer import allow_realm
from tests.transport.fixtures import bare

HOST, REALM = "registry.example.com:5000", "login.example.org"

FILES = {
    "none": None,
    "an empty one": "",
    "other things": 'timeout = 120 # seconds\n\n[host."other.example.com"]\nplain_http = true\n',
    "a section without it": f'# mine\n[host."{HOST}"]   # ours\nconcurrency = 4\n\n[host."other"]\ninsecure = false\n',
    "a section with another": f'[host."{HOST}"]\nauth_realm = ["one.example.org"]\nconcurrency = 4\n',
    "it already": f"[host.'{HOST}']\nauth_realm = [\"{REALM}\"]",
}


@pytest.mark.parametrize("before", FILES.values(), ids=FILES)
def test_a_token_server_is_allowed_and_nothing_else_changes(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "regtool" / "config.toml"
    if before is not None:
        path.parent.mkdir()
        path.write_text(before)
    allow_realm(path, HOST, REALM)

    was, now = tomllib.loads(before or ""), tomllib.loads(path.read_text())
    known = was.get("host", {}).get(HOST, {}).get("auth_realm", [])
    assert now["host"][HOST].pop("auth_realm") == sorted({*known, REALM})
    was.setdefault("host", {}).setdefault(HOST, {}).pop("auth_realm", None)
    assert now == was
    assert all(
        comment in path.read_text() for comment in ("# mine", "# ours", "# seconds") if comment in (before or "")
    )
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_of_another_form_is_left_alone_and_the_line_is_said(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text := f'host = {{"{HOST}" = {{concurrency = 4}}}}\n')
    with pytest.raises(UsageError, match=rf'auth_realm = \["{REALM}"\]'):
        allow_realm(path, HOST, REALM)

    assert path.read_text() == text


def test_a_place_that_cannot_be_written_is_an_error_of_storage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written: "):
        allow_realm(tmp_path / "file" / "config.toml", HOST, REALM)


def test_a_section_that_is_written_in_another_way_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[host."Registry.Example.com:5000"]\nconcurrency = 4\n')
    allow_realm(path, HOST, REALM)

    own = configured(bare(environ={"REGTOOL_CONFIG": str(path)})).host(HOST)
    assert (own.concurrency, own.auth_realms) == (4, frozenset({REALM}))
