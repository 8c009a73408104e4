"""Where the operating system keeps the CAs that it trusts."""

import ssl
from pathlib import Path

import pytest
import trustme

from regtool.errors import UsageError
from regtool.transport.system_store import choose, trusting, trusting_system
from regtool.transport.tls import Trust, context_for


def test_a_directory_with_hashed_names_is_best(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "readme.pem").touch()
    (tmp_path / "hashed").mkdir()
    (tmp_path / "hashed" / "0a1b2c3d.0").touch()
    (tmp_path / "bundle.pem").touch()
    directories = [str(tmp_path / name) for name in ("none", "empty", "other", "hashed")]
    files = [str(tmp_path / "none.pem"), str(tmp_path / "bundle.pem")]

    assert choose(directories, files) == tmp_path / "hashed"
    assert choose(directories[:3], files) == tmp_path / "bundle.pem"
    assert choose(directories[:3], files[:1]) is None


def test_this_machine_has_a_store() -> None:
    context = trusting_system()

    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_file_is_a_store_as_well(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")

    assert trusting(tmp_path / "ca.pem").cert_store_stats()["x509_ca"] == 1


def test_a_store_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"{tmp_path / 'none'}: cannot be read: No such file"):
        context_for(Trust(system=tmp_path / "none"))
