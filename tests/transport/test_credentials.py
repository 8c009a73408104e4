"""Which source answers for which registry, and what happens when one should and cannot."""

import asyncio
import base64
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regtool.errors import DeniedError, RegtoolError, TimedOutError, UsageError
from regtool.transport.credential import Found, IdentityToken, Password, RegistryToken
from regtool.transport.credentials import Keyring
from regtool.transport.settings import Settings

CANARY = "canary-secret"


def auths(*users: tuple[str, str]) -> dict[str, Any]:
    """A configuration with these (key, user) pairs; each password is the user's name doubled."""
    return {"auths": {key: {"auth": base64.b64encode(f"{user}:{user}{user}".encode()).decode()} for key, user in users}}


class Machine:
    """A home directory, an environment, and credential helpers."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {
            "PATH": str(home / "bin") + os.pathsep + os.environ["PATH"],
            "XDG_RUNTIME_DIR": str(home / "run"),
        }
        self.warnings: list[str] = []

    def write(self, path: str, document: object) -> Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document if isinstance(document, str) else json.dumps(document))
        return file

    def helper(self, name: str, script: str) -> None:
        """Puts a helper on PATH: a shell script, with $1 the command; what it was asked is in the file `asked`."""
        file = self.write(
            f"bin/docker-credential-{name}", f"#!/bin/sh\ntee -a {self.home}/asked >/dev/null\n{script}\n"
        )
        file.chmod(0o755)

    @property
    def asked(self) -> str:
        file = self.home / "asked"
        return file.read_text() if file.exists() else ""

    def keyring(self, **choices: Any) -> Keyring:
        return Keyring(Settings(environ=self.environ, home=self.home, **choices), self.warnings.append)

    async def find(self, host: str, repository: str = "", **choices: Any) -> Found | None:
        return await self.keyring(**choices).find(host, repository)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


async def test_without_any_source_requests_are_anonymous(machine: Machine) -> None:
    keyring = machine.keyring()

    assert await keyring.find("r.io") is None
    assert keyring.excuse("r.io") == "no credentials for r.io were found; log in with: regtool login r.io"


async def test_sources_answer_in_their_order(machine: Machine) -> None:
    steps: list[tuple[str, Callable[[], object]]] = [
        ("old", lambda: machine.write(".dockercfg", auths(("r.io", "old"))["auths"])),
        ("podmanconfig", lambda: machine.write(".config/containers/auth.json", auths(("r.io", "podmanconfig")))),
        ("podman", lambda: machine.write("run/containers/auth.json", auths(("r.io", "podman")))),
        ("docker", lambda: machine.write(".docker/config.json", auths(("r.io", "docker")))),
        ("authfile", lambda: machine.environ.update(
            REGISTRY_AUTH_FILE=str(machine.write("auth.json", auths(("r.io", "authfile")))))),
        ("variable", lambda: machine.environ.update(DOCKER_AUTH_CONFIG=json.dumps(auths(("r.io", "variable"))))),
        ("named", lambda: machine.environ.update(
            REGTOOL_REGISTRY="r.io", REGTOOL_USERNAME="named", REGTOOL_PASSWORD="namednamed")),
    ]  # fmt: skip
    for user, prepare in steps:
        prepare()
        found = await machine.find("r.io")
        assert found
        assert found.credential == Password(user, user * 2)

    given = await machine.find("r.io", credentials={"r.io": Password("given", "x")})
    assert given == Found(Password("given", "x"), "the command line")


async def test_a_source_says_what_it_is(machine: Machine) -> None:
    file = machine.write(".docker/config.json", auths(("r.io", "u")))

    found = await machine.find("r.io")
    assert found
    assert found.source == str(file)


async def test_a_source_that_knows_nothing_of_the_registry_is_passed_over(machine: Machine) -> None:
    machine.environ["DOCKER_AUTH_CONFIG"] = json.dumps(auths(("other.io", "x")))
    machine.environ["REGTOOL_REGISTRY"], machine.environ["REGTOOL_USERNAME"] = "third.io", "third"
    machine.write(".docker/config.json", auths(("r.io", "u")))

    found = await machine.find("r.io", credentials={"fourth.io": Password("y", "z")})
    assert found
    assert found.credential.username == "u"


async def test_the_registry_of_the_environment_may_be_written_as_people_do(machine: Machine) -> None:
    machine.environ |= {"REGTOOL_REGISTRY": "https://index.docker.io/v1/", "REGTOOL_USERNAME": "u"}

    found = await machine.find("docker.io")
    assert found
    assert found.source == "REGTOOL_USERNAME"


async def test_anonymous_means_that_no_source_is_asked(machine: Machine) -> None:
    machine.write(".docker/config.json", "not even JSON")

    assert await machine.find("r.io", anonymous=True) is None


async def test_the_closest_key_decides_for_a_repository(machine: Machine) -> None:
    machine.write(".docker/config.json", auths(("r.io", "all"), ("r.io/team", "team"), ("r.io/team/app", "app")))

    users = {}
    for repository in ("team/app", "team/other", "else", ""):
        found = await machine.find("r.io", repository)
        users[repository] = found and found.credential.username
    assert users == {"team/app": "app", "team/other": "team", "else": "all", "": "all"}


async def test_docker_hub_has_many_names(machine: Machine) -> None:
    machine.write(".docker/config.json", auths(("https://index.docker.io/v1/", "hub")))

    found = await machine.find("docker.io", "library/alpine")
    assert found
    assert found.credential.username == "hub"


async def test_docker_config_names_a_directory(machine: Machine) -> None:
    machine.write("elsewhere/config.json", auths(("r.io", "u")))
    machine.environ["DOCKER_CONFIG"] = str(machine.home / "elsewhere")

    assert await machine.find("r.io")


async def test_an_entry_that_makes_no_sense_is_warned_of_without_its_content(machine: Machine) -> None:
    machine.write(".docker/config.json", {"auths": {"r.io": {"auth": f"{CANARY}%%"}}})

    assert await machine.find("r.io") is None
    assert "the entry r.io is passed over: its auth field is not base64" in machine.warnings[0]
    assert CANARY not in machine.warnings[0]


async def test_a_named_file_that_is_missing_is_an_error(machine: Machine) -> None:
    machine.environ["REGISTRY_AUTH_FILE"] = "/nonexistent/auth.json"

    with pytest.raises(
        UsageError, match="/nonexistent/auth.json: named in REGISTRY_AUTH_FILE, but there is no such file"
    ):
        await machine.find("r.io")


async def test_a_variable_that_is_no_json_is_an_error_without_its_content(machine: Machine) -> None:
    machine.environ["DOCKER_AUTH_CONFIG"] = CANARY

    with pytest.raises(UsageError, match="DOCKER_AUTH_CONFIG: is not valid JSON") as caught:
        await machine.find("r.io")
    assert CANARY not in str(caught.value)


class TestHelpers:
    """Programs that keep secrets."""

    @pytest.fixture(autouse=True)
    def configured(self, machine: Machine) -> None:
        machine.write(
            ".docker/config.json", {"credHelpers": {"r.io": "own"}, "credsStore": "store", **auths(("r.io", "file"))}
        )

    async def test_the_registrys_own_helper_answers(self, machine: Machine) -> None:
        machine.helper("own", 'echo \'{"ServerURL":"r.io","Username":"u","Secret":"s"}\'')

        found = await machine.find("r.io")
        assert found
        assert found.credential == Password("u", "s")
        assert found.source.startswith("docker-credential-own, named in ")
        assert machine.asked == "r.io"

    async def test_the_store_answers_for_the_others_and_knows_docker_hub_by_dockers_name(
        self, machine: Machine
    ) -> None:
        machine.helper("store", 'echo \'{"Username":"u","Secret":"s"}\'')

        assert await machine.find("docker.io")
        assert machine.asked == "https://index.docker.io/v1/"

    async def test_an_identity_token_is_marked_by_its_user(self, machine: Machine) -> None:
        machine.helper("own", 'echo \'{"Username":"<token>","Secret":"refresh"}\'')

        found = await machine.find("r.io")
        assert found
        assert found.credential == IdentityToken("refresh")

    async def test_one_that_has_nothing_says_so_and_the_entry_counts(self, machine: Machine) -> None:
        machine.helper("own", "echo credentials not found in native keychain; exit 1")

        found = await machine.find("r.io")
        assert found
        assert found.credential == Password("file", "filefile")

    async def test_one_that_has_nothing_is_named_when_access_is_denied(self, machine: Machine) -> None:
        machine.helper("store", "echo credentials not found in native keychain; exit 1")
        keyring = machine.keyring()

        assert await keyring.find("other.io") is None
        assert keyring.excuse("other.io").startswith("docker-credential-store has no credentials for other.io")

    async def test_a_helper_is_asked_once_in_a_run(self, machine: Machine) -> None:
        machine.helper("own", 'echo \'{"Username":"u","Secret":"s"}\'')
        keyring = machine.keyring()

        await asyncio.gather(*(keyring.find("r.io") for _ in range(5)))
        await keyring.find("r.io")
        assert machine.asked == "r.io"

    async def test_an_empty_name_means_that_the_entry_of_the_file_counts(self, machine: Machine) -> None:
        machine.write(
            ".docker/config.json", {"credHelpers": {"r.io": ""}, "credsStore": "store", **auths(("r.io", "u"))}
        )

        found = await machine.find("r.io")
        assert found
        assert found.credential == Password("u", "uu")

    async def test_a_registry_token_that_is_none_is_passed_over(self, machine: Machine) -> None:
        machine.write(".docker/config.json", {"auths": {"r.io": {"registrytoken": "s3cret\r\nX-Evil: 1"}}})

        assert await machine.find("r.io") is None
        assert ["its registrytoken is no token" in told for told in machine.warnings] == [True]
        assert "s3cret" not in "".join(machine.warnings)

    async def test_a_registry_token_in_the_file_needs_no_helper(self, machine: Machine) -> None:
        machine.write(".docker/config.json", {"credsStore": "store", "auths": {"r.io": {"registrytoken": "bearer"}}})

        found = await machine.find("r.io")
        assert found
        assert found.credential == RegistryToken("bearer")

    @pytest.mark.parametrize(
        ("script", "kind", "complaint"),
        [
            ("echo 'no such session'; exit 1", DeniedError, "docker-credential-own: fails for r.io: no such session"),
            ("exit 3", DeniedError, "docker-credential-own: fails for r.io: exit status 3"),
            (
                "echo Warning >&2; echo the session is over >&2; exit 1",
                DeniedError,
                "fails for r.io: the session is",
            ),
            ("yes oops | head -c 300000 >&2; exit 1", DeniedError, "fails for r.io: oops$"),
            ("sleep 60 >&- & echo no agent >&2; exit 1", DeniedError, "fails for r.io: no agent"),
            ("printf 'bad\\033[2J' >&2; exit 1", DeniedError, r"fails for r.io: bad\\x1b\[2J"),
            ("printf 'bad\\033[2J'; exit 1", DeniedError, r"fails for r.io: bad\\x1b\[2J"),
            ("echo nonsense", DeniedError, "does not answer as a credential helper"),
            ("echo '[]'", DeniedError, "does not answer as a credential helper"),
            ('echo \'{"Username":"u"}\'', DeniedError, "does not answer as a credential helper"),
            ('echo \'{"Username":"","Secret":"s"}\'', DeniedError, "gives no user name or no secret"),
            ('echo \'{"Username":"u","Secret":5}\'', DeniedError, "gives no user name or no secret"),
            ("yes", DeniedError, "says more than 65536 bytes"),
        ],
    )
    async def test_one_that_fails_is_an_error_and_nothing_else_is_tried(
        self, machine: Machine, script: str, kind: type[RegtoolError], complaint: str
    ) -> None:
        machine.helper("own", script)

        with pytest.raises(kind, match=complaint) as caught:
            await machine.find("r.io")
        assert str(caught.value).isprintable()

    async def test_one_that_is_missing_is_an_error_that_names_it(self, machine: Machine) -> None:
        with pytest.raises(
            UsageError, match="docker-credential-own: is named in the docker configuration but is not on PATH"
        ):
            await machine.find("r.io")

    @pytest.mark.parametrize(
        ("content", "reason"),
        [("garbage", "exec format error"), ("#!/nonexistent/shell\n", "no such file or directory")],
    )
    async def test_one_that_cannot_be_run_is_an_error_that_names_it(
        self, machine: Machine, content: str, reason: str
    ) -> None:
        machine.helper("own", "")
        (machine.home / "bin" / "docker-credential-own").write_text(content)

        with pytest.raises(UsageError, match=rf"bin/docker-credential-own: cannot be run: {reason}"):
            await machine.find("r.io")

    async def test_one_that_hangs_is_killed_with_all_that_it_started(self, machine: Machine) -> None:
        machine.helper("own", f"sleep 60 & echo $! > {machine.home}/child; wait")
        started = time.monotonic()

        with pytest.raises(TimedOutError, match=r"docker-credential-own: gives no answer within 0.5 s"):
            await machine.find("r.io", helper_timeout=0.5)
        assert time.monotonic() - started < 5
        child = int((machine.home / "child").read_text())
        assert not _runs(child)

    @pytest.mark.parametrize("name", ["../x", "a b", "a/b", "x;y", "a\nb"])
    async def test_a_name_that_is_no_helpers_name_is_not_run(self, machine: Machine, name: str) -> None:
        machine.write(".docker/config.json", {"credHelpers": {"r.io": name}})

        with pytest.raises(UsageError, match="is not the name of a credential helper"):
            await machine.find("r.io")


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
