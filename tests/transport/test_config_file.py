"""regtool's own configuration file."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from regtool.errors import UsageError
from regtool.transport.config_file import config_path, configured
from regtool.transport.settings import HostSettings, Settings
from tests.registries import ROOT
from tests.transport.fixtures import bare

WHOLE = """
timeout = 120

[host."registry.example.com"]
ca_file = "ca.pem"
cert = "/etc/ssl/me.pem"
key = "~/me.key"
plain_http = false
insecure = true
mirrors = ["mirror.example.com", "localhost:5001"]
concurrency = 8
auth_realm = "login.example.org"
storage = ["s3.internal:9000"]

[host."localhost:5000"]
plain_http = true
"""


def written(home: Path, text: str) -> Settings:
    path = home / ".config" / "regtool" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return bare(home=home)


def test_a_section_says_how_to_reach_one_registry(tmp_path: Path) -> None:
    settings = configured(written(tmp_path, WHOLE))

    assert settings.timeout == 120
    assert settings.host("registry.example.com") == HostSettings(
        ca_file=tmp_path / ".config" / "regtool" / "ca.pem",
        client_cert=Path("/etc/ssl/me.pem"),
        client_key=Path("~/me.key").expanduser(),
        plain_http=False,
        insecure=True,
        mirrors=("mirror.example.com", "localhost:5001"),
        concurrency=8,
        auth_realms=frozenset({"login.example.org"}),
        storage=frozenset({"s3.internal:9000"}),
    )
    assert settings.host("localhost:5000").plain_http
    assert settings.host("elsewhere") == HostSettings()


def test_the_page_about_it_shows_every_setting(tmp_path: Path) -> None:
    _, example, _ = re.split(r"```(?:toml)?\n", (ROOT / "docs" / "access.md").read_text())
    hosts = configured(written(tmp_path, example)).hosts

    plain = HostSettings()
    shown = {
        one.name for one in fields(HostSettings) for host in hosts.values()
        if getattr(host, one.name) != getattr(plain, one.name)
    }  # fmt: skip
    assert shown == {field.name for field in fields(HostSettings)}
    assert hosts["registry.internal:5000"] == HostSettings(plain_http=True)


def test_without_a_file_nothing_changes() -> None:
    assert configured(bare()) == bare()


def test_what_the_caller_says_goes_first(tmp_path: Path) -> None:
    settings = written(tmp_path, WHOLE)
    own = HostSettings(concurrency=2)

    result = configured(Settings(environ={}, home=settings.home, timeout=5, hosts={"registry.example.com": own}))
    assert (result.timeout, result.host("registry.example.com")) == (5, own)


def test_a_registry_may_be_written_as_people_do(tmp_path: Path) -> None:
    settings = configured(written(tmp_path, "[host.'Registry-1.Docker.io']\nmirrors = ['Mirror.example.com:5000']"))

    assert settings.host("docker.io").mirrors == ("mirror.example.com:5000",)


def test_where_the_file_is(tmp_path: Path) -> None:
    assert config_path(bare(home=tmp_path)) == tmp_path / ".config/regtool/config.toml"
    assert config_path(bare(environ={"XDG_CONFIG_HOME": "/x"})) == Path("/x/regtool/config.toml")
    assert config_path(bare(environ={"REGTOOL_CONFIG": "/x/y"})) == Path("/x/y")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[host", "is no valid TOML"),
        ("x = 1", "x: is not a setting; known are host, timeout"),
        ("[host.'r.io']\nplainhttp = true", "host.r.io: plainhttp: is not a setting; known are auth_realm, ca_file"),
        ("[host.'r.io']\nplain_http = 'yes'", "host.r.io.plain_http: must be true or false"),
        ("[host.'r.io']\ninsecure = 1", "host.r.io.insecure: must be true or false"),
        ("[host.'r.io']\nconcurrency = 0", "host.r.io.concurrency: must be a whole number from 1 to 1000"),
        ("[host.'r.io']\nconcurrency = true", "host.r.io.concurrency: must be a whole number"),
        ("[host.'r.io']\nca_file = 5", "host.r.io.ca_file: must be the name of a file"),
        ("[host.'r.io']\nmirrors = ['https://m.io']", "host.r.io.mirrors: https://m.io: is not a host"),
        ("[host.'r.io']\nauth_realm = [5]", "host.r.io.auth_realm: 5: is not a host"),
        ("[host.'https://r.io']\n", "host: https://r.io: is not a host"),
        ("[host.'r.io']\nkey = 'k'", "host.r.io.key: is a key without its certificate; name that with cert"),
        ("[host.'r.io']\nplain_http = true\ncert = 'c'", "host.r.io.cert: means nothing with plain_http = true"),
        ("[host.'r.io']\nca_file = 'c'\nplain_http = true", "host.r.io.ca_file: means nothing with plain_http = true"),
        ("[host.'r.io']\n[host.'R.io']", "host.R.io: is r.io once more; one section for each registry"),
        ("[host.'docker.io']\n[host.'index.docker.io']", "host.index.docker.io: is docker.io once more"),
        ("host = 5", "host: must be a section"),
        ("[host]\n'r.io' = 5", "host.r.io: must be a section"),
        ("timeout = -1", "timeout: must be a number of seconds"),
        ("timeout = nan", "timeout: must be a number of seconds"),
        ("a = 1\na = 2", "is no valid TOML"),
        ("a = " + "[" * 5000, "is no valid TOML"),
    ],
)
def test_a_mistake_is_an_error_that_names_the_place(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint.replace("[", r"\[")) as caught:
        configured(written(tmp_path, text))
    assert str(tmp_path / ".config/regtool/config.toml") in str(caught.value)


def test_a_file_that_was_named_has_to_be_there() -> None:
    with pytest.raises(UsageError, match="/nonexistent/x: named in REGTOOL_CONFIG, but there is no such file"):
        configured(bare(environ={"REGTOOL_CONFIG": "/nonexistent/x"}))


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        configured(bare(environ={"REGTOOL_CONFIG": str(tmp_path)}))


@profile(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200) | st.sampled_from(WHOLE.splitlines()).map(lambda line: f"[host.x]\n{line}"))
def test_any_text_is_a_configuration_or_a_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        configured(bare(environ={"REGTOOL_CONFIG": str(path)}))
    except UsageError as error:
        assert str(error).startswith(str(path))  # noqa: PT017
