"""`login` where the registry names a token server that nobody knows to be its own."""

import asyncio
import os
import pty
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.transport.scripted import Scripted, Seen, answer, challenge
from tests.transport.token_service import TokenService

USER, SECRET = "alice", "s3cret-of-alice"


@dataclass
class Registry:
    """A registry whose token server is another host, and the files of one user."""

    host: str
    server: str
    tokens: TokenService
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"DOCKER_CONFIG": str(self.folder / "docker"), "XDG_CONFIG_HOME": str(self.folder)}

    @property
    def words(self) -> list[str]:
        return [sys.executable, "-m", "regtool", "login", self.host, "-u", USER]

    @property
    def was_shown(self) -> bool:
        """Whether the token server has seen the credentials."""
        return any("authorization" in seen.headers or SECRET in seen.body.decode() for seen in self.tokens.seen)


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[Registry]:
    tokens = TokenService(users={USER: SECRET})
    async with Scripted(tokens) as server:
        realm = f"http://localhost:{server.port}/token"

        def script(seen: Seen) -> bytes:
            return answer(200, b"{}") if tokens.rights(seen) is not None else challenge(realm)

        async with Scripted(script) as own:
            yield Registry(own.host, f"localhost:{server.port}", tokens, tmp_path)


async def on_a_terminal(registry: Registry, reply: str) -> tuple[int, str]:
    """Logs in by hand: the password, then the reply to the question."""
    mine, its = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *registry.words, stdin=its, stdout=its, stderr=its, env=registry.environment, start_new_session=True
    )
    os.close(its)
    shown = ""
    for question, text in (("Password for", SECRET), ("now and from now on?", reply)):
        while question not in shown:
            shown += (await asyncio.to_thread(os.read, mine, 4096)).decode()
        await asyncio.sleep(0.3)  # until the terminal hides what is typed
        os.write(mine, f"{text}\n".encode())
    code = await process.wait()
    with suppress(OSError):  # the end of a terminal
        while more := await asyncio.to_thread(os.read, mine, 4096):
            shown += more.decode()
    os.close(mine)
    return code, shown


async def test_whoever_agrees_is_logged_in_and_not_asked_again(registry: Registry) -> None:
    code, shown = await on_a_terminal(registry, "y")

    assert code == 0, shown
    assert registry.was_shown
    assert SECRET not in shown
    (written,) = registry.folder.rglob("config.toml")
    assert tomllib.loads(written.read_text())["host"][registry.host]["auth_realm"] == [registry.server]
    again = await without_a_terminal(registry)
    assert again[0] == 0, again[1]


async def test_whoever_does_not_agree_keeps_the_secret(registry: Registry) -> None:
    code, shown = await on_a_terminal(registry, "n")

    assert code == 4, shown
    assert not registry.was_shown
    assert not list(registry.folder.rglob("config.*"))


async def without_a_terminal(registry: Registry, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *registry.words, "--password-stdin", *words, stdin=asyncio.subprocess.PIPE, env=registry.environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate(f"{SECRET}\n".encode())
    assert process.returncode is not None
    return process.returncode, out.decode()


async def test_where_nobody_can_answer_the_flag_is_named(registry: Registry) -> None:
    code, told = await without_a_terminal(registry)

    assert code == 4
    assert f"names {registry.server} as its token server" in told
    assert f"--auth-realm {registry.host}={registry.server}" in told
    assert not registry.was_shown
    code, told = await without_a_terminal(registry, "--auth-realm", f"{registry.host}={registry.server}")
    assert code == 0, told
    assert registry.was_shown
