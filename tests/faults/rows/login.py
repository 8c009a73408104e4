"""Credentials: tokens that end, helpers that fail, files that are broken."""

import asyncio
import base64
import codecs
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from regtool.model.reference import Repository, Tag
from regtool.stores.places import Stores
from regtool.transport.credential import Password
from tests.faults.proxy import Forward
from tests.faults.row import Row, create
from tests.faults.rows.arranging import Arrange
from tests.faults.world import WRITE, Outcome, World
from tests.transport.scripted import Reply, Scripted, Seen, answer, challenge
from tests.transport.token_service import TokenService

SECRET = "s3cret-of-alice"
_BASIC = base64.b64encode(f"alice:{SECRET}".encode()).decode()
_STORM = 200
_DAY = 86400


@dataclass
class Strange(TokenService):
    """A token server that says strange things about the life of its tokens, or gives none that are taken."""

    more: dict[str, object] = field(default_factory=dict)
    worthless: bool = False

    def _grant(self, user: str, scopes: list[str]) -> dict[str, object]:
        granted = {**super()._grant(user, scopes), **self.more}
        if self.worthless:
            self.forget()
        return granted


def with_tokens(*, forget_at: str = "", **more: Any) -> Arrange:
    """The registry wants tokens of a server beside it. All of them are forgotten once, at such a request."""

    async def arrange(world: World) -> None:
        service = world.service = Strange(users={"alice": SECRET}, **more)
        server = await world.stack.enter_async_context(Scripted(service))
        world.settings["credentials"] = {world.host: Password("alice", SECRET)}
        world.settings["auth_realms"] = {world.host: frozenset({server.host})}
        waiting = [forget_at] if forget_at else []

        async def react(seen: Seen, forward: Forward) -> Reply:
            if waiting and re.search(waiting[0], f"{seen.method} {seen.target}"):
                service.forget()
                waiting.clear()
            if f"{world.repository}:{_needed(seen)}" not in (service.rights(seen) or ()):
                return challenge(f"http://{server.host}/token", f"repository:{world.repository}:pull,push")
            return (await forward(seen)).encode()

        world.proxy.on("", react)

    return arrange


def _needed(seen: Seen) -> str:
    return "pull" if seen.method in ("GET", "HEAD") else "push"


def tokens(number: int) -> Callable[[World], None]:
    """So many tokens were asked for, each time for all that the work needs."""

    def check(world: World) -> None:
        assert isinstance(world.service, Strange)
        assert len(world.service.seen) == number
        assert all(asked == [f"repository:{world.repository}:pull,push"] for asked in world.service.asked)

    return check


async def storm(world: World) -> Outcome:
    """Many reads at once, then a merge."""

    async def work(stores: Stores) -> None:
        place = Repository.parse(f"{world.host}/{world.repository}")
        stores.expect(writes=[place])
        await asyncio.gather(*(stores.at(place).manifest(Tag("amd64")) for _ in range(_STORM)))
        assert isinstance(world.service, Strange)
        assert len(world.service.seen) == 1

    outcome = await world.run(work)
    return outcome if outcome.code else await create(world)


def with_password(config: bytes | dict[str, Any] | None, helper: str = "") -> Arrange:
    """The registry wants a password. It may be in this config.json, or a helper that is this script has it."""

    def arrange(world: World) -> None:
        folder = world.folder / "docker"
        folder.mkdir()
        content = json.dumps(_for(world.host, config)).encode() if isinstance(config, dict) else config
        if content is None:
            (folder / "config.json").mkdir()
        else:
            (folder / "config.json").write_bytes(content)
        if helper:
            program = folder / "docker-credential-tests"
            program.write_text(f"#!/bin/sh\n{helper}\n")
            program.chmod(0o755)
        world.settings |= {
            "helper_timeout": 0.5,
            "environ": {"DOCKER_CONFIG": str(folder), "PATH": f"{folder}:{os.environ['PATH']}"},
        }

        async def react(seen: Seen, forward: Forward) -> Reply:
            if seen.headers.get("authorization") != f"Basic {_BASIC}":
                return answer(401, headers={"WWW-Authenticate": 'Basic realm="x"'})
            return (await forward(seen)).encode()

        world.proxy.on("", react)

    return arrange


def broken_but_not_needed(world: World) -> None:
    """A file that makes no sense, and a registry that wants nothing from it."""
    with_password(b"{")(world)
    world.proxy.heal()


def _for(host: str, config: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(config).replace("HOST", host)
    return dict(json.loads(text))


def no_secret(world: World) -> None:
    """Nobody was told of the password, in no form."""
    for secret in (SECRET, _BASIC):
        assert secret not in f"{world.told} {world.outcome}"


_HELPER = {"credsStore": "tests"}
_RIGHT = f'echo \'{{"ServerURL": "x", "Username": "alice", "Secret": "{SECRET}"}}\''

# fmt: off
ROWS = [
    Row(24, "a token that is no longer taken, in the middle", with_tokens(forget_at=WRITE), check=tokens(2)),
    Row(24, "tokens that are never taken", with_tokens(worthless=True), code=4, heals=False),
    Row(25, "200 requests at once that need a token", with_tokens(), work=storm, heals=False),
    Row(53, "a token that ended before it was given", with_tokens(more={"expires_in": -_DAY}), check=tokens(1)),
    Row(53, "a token server whose clock is a day ahead", with_tokens(more={"issued_at": "2099-01-01T00:00:00Z"}),
        check=tokens(1)),
    Row(53, "a token server whose clock is years behind", with_tokens(more={"issued_at": "2020-01-01T00:00:00Z"}),
        check=tokens(1)),
    Row(56, "a helper that is not there", with_password({"credsStore": "nowhere"}), code=2, heals=False),
    Row(56, "a helper that fails", with_password(_HELPER, "echo the keychain is locked; exit 1"), code=4, heals=False),
    Row(56, "a helper that hangs", with_password(_HELPER, "sleep 60"), code=10, heals=False),
    Row(56, "a helper that says nonsense", with_password(_HELPER, "echo nonsense"), code=4, heals=False),
    Row(56, "a helper that says too much", with_password(_HELPER, "yes | head -c 1000000"), code=4, heals=False),
    Row(56, "a helper that knows nothing of the registry",
        with_password(_HELPER, "echo credentials not found in native keychain; exit 1"), code=4, heals=False),
    Row(56, "a helper that works", with_password(_HELPER, _RIGHT), check=no_secret),
    Row(57, "a config.json that is no JSON", with_password(b'{"auths": {'), code=2, heals=False),
    Row(57, "a config.json that is empty", with_password(b""), code=4, heals=False),
    Row(57, "a config.json with a byte order mark",
        with_password(codecs.BOM_UTF8 + b'{"auths": {"127.0.0.1": {}}}'), code=4, heals=False),
    Row(57, "a config.json that is a directory", with_password(None), code=2, heals=False),
    Row(57, "a config.json of 50 MB", with_password(b" " * 50_000_000), code=2, heals=False),
    Row(57, "an entry that cannot be decoded", with_password({"auths": {"HOST": {"auth": f"%{_BASIC}"}}}), code=4,
        heals=False, check=no_secret),
    Row(57, "a broken config.json, and nothing is needed of it", broken_but_not_needed),
]
