"""`login`, `logout` and `whoami` against a registry that wants a password, and the secret in no output."""

import json
import os
import pty
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.cli.program import Outcome, regtool
from tests.registries import ROOT, RunningRegistry

USER, SECRET = "demo", "demo-password"


class Home:
    """A docker configuration of this test's own. Every output is checked for the secret as it comes."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config.json"
        self.kept = folder / "kept.json"
        self.environment = {
            "DOCKER_CONFIG": str(folder),
            "KEPT": str(self.kept),
            "PATH": f"{ROOT / 'tests' / 'programs'}:{os.environ['PATH']}",
        }

    def run(self, *words: str, stdin: str = "") -> Outcome:
        done = regtool(*words, "--verbose", stdin=stdin, **self.environment)
        assert SECRET not in done.out + done.err
        return done

    def login(self, registry: RunningRegistry, secret: str = SECRET) -> Outcome:
        return self.run("login", registry.host, "-u", USER, "--password-stdin", stdin=f"{secret}\n")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_login_is_kept_privately_where_docker_looks_for_it(htpasswd_registry: RunningRegistry, home: Home) -> None:
    done = home.login(htpasswd_registry)

    assert done.out == f"logged in to {htpasswd_registry.host} as {USER}; kept in {home.config}\n"
    assert home.config.stat().st_mode & 0o777 == 0o600
    assert list(json.loads(home.config.read_text())["auths"]) == [htpasswd_registry.host]


def test_after_it_commands_and_docker_itself_may_read_and_write(
    htpasswd_registry: RunningRegistry, home: Home, repository: str
) -> None:
    htpasswd_registry.push("amd64.oci.tar", repository, "1.0")
    name = f"{htpasswd_registry.host}/{repository}:1.0"
    refused = home.run("inspect", name)
    home.login(htpasswd_registry)
    by_docker = ["docker", "manifest", "inspect", "--insecure", name]

    assert refused.code == 4
    assert f"log in with: regtool login {htpasswd_registry.host}" in refused.err
    assert home.run("tag", name, "latest").code == 0
    assert (
        subprocess.run(by_docker, env=os.environ | home.environment, capture_output=True, check=False).returncode == 0
    )


def test_a_wrong_password_is_refused_and_nothing_is_kept(htpasswd_registry: RunningRegistry, home: Home) -> None:
    done = home.login(htpasswd_registry, "wrong-" + SECRET[::-1])

    assert (done.code, done.out) == (4, "")
    assert done.err.splitlines()[-1].startswith(f"regtool: {htpasswd_registry.host}: the registry answers 401")
    assert not home.config.exists()


def test_what_else_is_in_the_file_stays(htpasswd_registry: RunningRegistry, home: Home) -> None:
    before = {"HttpHeaders": {"X": "1"}, "auths": {"other:5000": {"auth": "eDp5"}}, "unknown": [1]}
    home.config.write_text(json.dumps(before))
    home.login(htpasswd_registry)
    after = json.loads(home.config.read_text())

    assert after["auths"].pop(htpasswd_registry.host)
    assert after == before


def test_a_file_that_is_no_json_is_left_alone(htpasswd_registry: RunningRegistry, home: Home) -> None:
    home.config.write_text("{oops")
    done = home.login(htpasswd_registry)

    assert done.code == 2
    assert str(home.config) in done.err
    assert home.config.read_text() == "{oops"


def test_logout_forgets_and_says_whether_there_was_anything(htpasswd_registry: RunningRegistry, home: Home) -> None:
    home.login(htpasswd_registry)

    assert home.run("logout", htpasswd_registry.host).out == f"logged out of {htpasswd_registry.host}\n"
    assert home.run("logout", htpasswd_registry.host).out.startswith("there were no credentials")
    assert json.loads(home.config.read_text())["auths"] == {}


def test_whoami_names_the_source_and_never_the_secret(htpasswd_registry: RunningRegistry, home: Home) -> None:
    host = htpasswd_registry.host
    assert home.run("whoami", host).out == f"anonymous: no credentials for {host}\n"
    home.login(htpasswd_registry)

    assert home.run("whoami", host).out == f"{USER}, password, from {home.config}\n"
    assert home.run("whoami", host, "--output", "json").json["source"] == str(home.config)


def test_a_registry_may_be_named_as_docker_takes_it(htpasswd_registry: RunningRegistry, home: Home) -> None:
    host = htpasswd_registry.host
    home.run("login", f"http://{host}/v2/", "-u", USER, "--password-stdin", stdin=SECRET)

    assert list(json.loads(home.config.read_text())["auths"]) == [host]
    assert home.run("whoami", f"https://{host}").out.startswith(f"{USER}, password")
    assert home.run("logout", f"{host}/").out == f"logged out of {host}\n"


@pytest.mark.parametrize("command", ["login", "logout", "whoami"])
def test_what_is_no_registry_is_refused(home: Home, command: str) -> None:
    words = ["-u", USER, "--password-stdin"] if command == "login" else []
    done = home.run(command, "https://r.io/a b", *words, stdin=SECRET)

    assert done.code == 2
    assert "https://r.io/a b: not a registry host; write it as host or host:port" in done.err


def test_whoami_knows_credentials_for_a_part_of_a_registry(home: Home) -> None:
    home.config.write_text('{"auths": {"quay.io/org": {"auth": "YWxpY2U6czNjcmV0"}}}')

    assert home.run("whoami", "quay.io").out == "anonymous: no credentials for quay.io\n"
    assert home.run("whoami", "quay.io/org/app").out == f"alice, password, from {home.config}\n"


def test_a_source_that_goes_first_is_named(htpasswd_registry: RunningRegistry, home: Home) -> None:
    host = htpasswd_registry.host
    home.environment["DOCKER_AUTH_CONFIG"] = json.dumps({"auths": {host: {"auth": "b3RoZXI6cGFzcw=="}}})
    done = home.login(htpasswd_registry)
    gone = home.run("logout", host)

    assert done.code == 0
    assert f"note: DOCKER_AUTH_CONFIG has credentials for {host}, too, and goes first" in done.err
    assert f"note: DOCKER_AUTH_CONFIG still has credentials for {host}, and commands will use those" in gone.err


class TestWithAHelper:
    @pytest.fixture(autouse=True)
    def configured(self, home: Home) -> None:
        home.config.write_text('{"credsStore": "keep"}')

    def test_the_secret_goes_to_the_helper_and_not_into_the_file(
        self, htpasswd_registry: RunningRegistry, home: Home
    ) -> None:
        done = home.login(htpasswd_registry)

        assert "kept in docker-credential-keep" in done.out
        assert json.loads(home.config.read_text()) == {"credsStore": "keep"}
        assert json.loads(home.kept.read_text())[htpasswd_registry.host]["Secret"] == SECRET

    def test_commands_ask_the_helper(self, htpasswd_registry: RunningRegistry, home: Home, repository: str) -> None:
        htpasswd_registry.push("amd64.oci.tar", repository, "1.0")
        home.login(htpasswd_registry)

        assert home.run("resolve", f"{htpasswd_registry.host}/{repository}:1.0").code == 0
        assert home.run("whoami", htpasswd_registry.host).out.startswith(
            f"{USER}, password, from docker-credential-keep"
        )

    def test_logout_lets_the_helper_forget(self, htpasswd_registry: RunningRegistry, home: Home) -> None:
        home.login(htpasswd_registry)
        home.run("logout", htpasswd_registry.host)

        assert json.loads(home.kept.read_text()) == {}


def test_without_a_terminal_nobody_is_asked(htpasswd_registry: RunningRegistry, home: Home) -> None:
    done = home.run("login", htpasswd_registry.host, "-u", USER)

    assert done.code == 2
    assert "there is no terminal to ask for the password; use --password-stdin" in done.err


def test_on_a_terminal_the_password_is_asked_for_and_not_shown(htpasswd_registry: RunningRegistry, home: Home) -> None:
    words = [sys.executable, "-m", "regtool", "login", htpasswd_registry.host, "-u", USER]
    mine, its = pty.openpty()
    with subprocess.Popen(
        words, stdin=its, stdout=its, stderr=its, env=os.environ | home.environment, start_new_session=True
    ) as program:
        os.close(its)
        shown = b""
        while b"Password for" not in shown:
            shown += os.read(mine, 1024)
        while termios.tcgetattr(mine)[3] & termios.ECHO:  # what is typed before the echo is off is thrown away
            time.sleep(0.01)
        os.write(mine, f"{SECRET}\n".encode())
        program.wait(30)
        shown += os.read(mine, 4096)
    os.close(mine)

    assert program.returncode == 0
    assert b"logged in to" in shown
    assert SECRET.encode() not in shown
