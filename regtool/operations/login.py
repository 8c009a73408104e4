"""`login`, `logout`, `whoami`: credentials in, out, and where they come from."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from regtool.errors import DeniedError, RegtoolError
from regtool.model.grammar import PATH, is_host
from regtool.model.host import host_named, usual_host
from regtool.transport import helper
from regtool.transport.client import Client
from regtool.transport.config_file import config_path
from regtool.transport.config_writer import allow_realm
from regtool.transport.credential import Found, IdentityToken, Password
from regtool.transport.credential_file import remove_entry, write_entry
from regtool.transport.credentials import Keyring
from regtool.transport.docker_config import DockerConfig
from regtool.transport.events import Event, TokenAsked, Warned, ignore
from regtool.transport.message import Request
from regtool.transport.problem import error_for
from regtool.transport.settings import Settings
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Who is logged in where, and what keeps the secret: a file or a credential helper.

    `instead` is the source that commands will take all the same, as it goes before; None if there is none.
    """

    host: str
    username: str
    kept_in: str
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Whether anything was removed, and the source that still has credentials, if there is one."""

    host: str
    removed: bool
    left: str | None = None


def trust_nobody(_: str) -> bool:
    """Lets no other server have the credentials."""
    return False


async def login(
    host: str,
    username: str,
    secret: str,
    settings: Settings,
    listen: Callable[[Event], None] = ignore,
    confirm: Callable[[str], bool] = trust_nobody,
) -> LoggedIn:
    """Checks credentials against the registry, then stores them where docker does.

    Where the registry names a token server that nobody knows to be its own, `confirm` is asked whether it may have
    them; if so, that is kept in regtool's configuration. Raises DeniedError if the registry does not take them, or the
    token server may not have them; then nothing is stored.
    """
    host, before = host_named(host), settings
    credential = IdentityToken(secret) if username == helper.TOKEN_USER else Password(username, secret)
    settings = replace(settings, credentials={**settings.credentials, host: credential})
    stranger = await _stranger(settings, host, listen)
    if stranger:
        if not confirm(stranger):
            raise _not_sent(host, stranger)
        known = settings.auth_realms.get(host, frozenset())
        settings = replace(settings, auth_realms={**settings.auth_realms, host: known | {stranger}})
    await check(settings, host, listen)
    if stranger:
        allow_realm(config_path(settings), host, stranger)
    kept_in = await _keep(host, username, credential, settings)
    return LoggedIn(host, username, kept_in, await _answering(host, before, but=kept_in))


async def _keep(host: str, username: str, credential: Password | IdentityToken, settings: Settings) -> str:
    path = config_file(settings)
    named = _helper(path, host)
    if named is None:
        write_entry(path, host, credential)
        return str(path)
    await helper.store(*named, username, credential.secret, settings.environ, settings.helper_timeout)
    return f"{helper.program(named[0])}, named in {path}"


async def _answering(host: str, settings: Settings, *, but: str = "") -> str | None:
    """The source whose credentials commands will use. One that is broken says so when it is needed."""
    try:
        found = await whoami(host, settings)
    except RegtoolError:
        return None
    return found.source if found and found.source != but else None


async def _stranger(settings: Settings, host: str, listen: Callable[[Event], None]) -> str | None:
    """The token server from which the credentials were held back, if there is one: it was asked anonymously."""
    strangers: list[str] = []

    def hear(event: Event) -> None:
        listen(event)
        if isinstance(event, TokenAsked) and not event.account:
            strangers.append(urlsplit(event.realm).netloc)

    try:
        await check(settings, host, hear)
    except RegtoolError:
        if not strangers:
            raise
    return strangers[-1] if strangers else None


def _not_sent(host: str, server: str) -> DeniedError:
    return DeniedError(
        host,
        f"names {server} as its token server, and the credentials were not sent to it",
        f"if that is right, allow it with --auth-realm {host}={server}",
    )


async def check(settings: Settings, host: str, listen: Callable[[Event], None] = ignore) -> None:
    """Whether the registry takes the credentials of `settings`, by its base endpoint. Raises DeniedError and others."""
    async with Client(settings, listen) as client:
        # The one request for which `/v2/` is made: it needs no repository, and an anonymous answer is a refusal.
        response = await client.send(Request(method="GET", host=host, target="/v2/", what=host))
    if response.status != 200:
        raise error_for(response, host)


async def logout(host: str, settings: Settings) -> LoggedOut:
    """Removes a registry's credentials from where `login` puts them. Raises UsageError for what is no host."""
    host = host_named(host)
    path = config_file(settings)
    named = _helper(path, host)
    erased = await helper.erase(*named, settings.environ, settings.helper_timeout) if named else False
    removed = remove_entry(path, host) or erased
    return LoggedOut(host, removed, await _answering(host, settings))


async def whoami(host: str, settings: Settings, listen: Callable[[Event], None] = ignore) -> Found | None:
    """The credentials that a command would use for a registry, and their source; None if it would be anonymous.

    `host` may have a repository behind it, as podman keeps credentials for parts of a registry. Raises UsageError.
    """
    keyring = Keyring(settings, lambda text: listen(Warned(host="", text=text)))
    name, slash, path = host.partition("/")
    if slash and is_host(name) and PATH.fullmatch(path):
        return await keyring.find(usual_host(name), path)
    return await keyring.find(host_named(host))


def config_file(settings: Settings) -> Path:
    """Docker's configuration, where `login` stores."""
    return Path(settings.environ.get("DOCKER_CONFIG") or settings.home / ".docker") / "config.json"


def _helper(path: Path, host: str) -> tuple[str, str] | None:
    config = DockerConfig.read(path)
    return config.helper_for(host) if config else None
