"""Where credentials are looked for, in this order; the first source that has some for the registry counts.

1. what the caller gave (`Settings.credentials`)
2. `REGTOOL_USERNAME` and `REGTOOL_PASSWORD`, for the registry that `REGTOOL_REGISTRY` names
3. `DOCKER_AUTH_CONFIG`: a docker configuration as the value of a variable
4. the file that `REGISTRY_AUTH_FILE` names
5. docker's `config.json`, in `DOCKER_CONFIG` or `~/.docker`
6. podman's `auth.json`, in `XDG_RUNTIME_DIR/containers`, then in `~/.config/containers`
7. `~/.dockercfg`

Within one file a helper for the registry goes before the store for all, and the store before the file's own entries.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from regtool.errors import UsageError
from regtool.model.host import host_named, usual_host
from regtool.transport import helper
from regtool.transport.credential import Credential, Found, Password, RegistryToken
from regtool.transport.docker_config import DockerConfig, credential_in
from regtool.transport.settings import Settings


class Keyring:
    """All sources of one run. Files are read and helpers are asked at most once for each registry."""

    def __init__(self, settings: Settings, warn: Callable[[str], None]) -> None:
        self._settings = settings
        self._warn = warn
        self._configs: list[tuple[str, DockerConfig]] | None = None
        self._asked: dict[tuple[str, str], asyncio.Future[Credential | None]] = {}

    async def find(self, host: str, repository: str = "") -> Found | None:
        """The credentials for a registry, or for one repository in it, with their source. None means anonymous.

        Raises UsageError, DeniedError or TimedOutError when a source that should answer does not.
        """
        if self._settings.anonymous:
            return None
        if found := self._given(host):
            return found
        for source, config in self._sources():
            if found := await self._in_config(source, config, host, repository):
                return found
        return None

    def excuse(self, host: str) -> str:
        """Why there are no credentials for a registry, and what to do, for the message of its refusal."""
        if self._settings.anonymous:
            return "no credentials were used, as was asked for"
        answered = {name: asked for (name, _), asked in self._asked.items() if asked.done() and not asked.exception()}
        silent = [name for name, asked in answered.items() if asked.result() is None]
        said = f"no credentials for {host} were found"
        if silent:  # some say so when a log-in has run out
            said = f"{helper.program(silent[-1])} has no credentials for {host}, or could not get any"
        return f"{said}; log in with: regtool login {host}"

    def _given(self, host: str) -> Found | None:
        if credential := self._settings.credentials.get(host):
            return Found(credential, "the command line")
        environ = self._settings.environ
        named = environ.get("REGTOOL_REGISTRY")
        if named and environ.get("REGTOOL_USERNAME") and host_named(named) == usual_host(host):
            return Found(Password(environ["REGTOOL_USERNAME"], environ.get("REGTOOL_PASSWORD", "")), "REGTOOL_USERNAME")
        return None

    async def _in_config(self, source: str, config: DockerConfig, host: str, repository: str) -> Found | None:
        if token := self._registry_token(config, host):
            return Found(token, source)
        if named := config.helper_for(host):
            name, key = named
            if credential := await self._ask(name, key):
                return Found(credential, f"{helper.program(name)}, named in {source}")
        for key, entry in config.entries(host, repository):
            try:
                if credential := credential_in(entry):
                    return Found(credential, source)
            except ValueError as failure:
                self._warn(f"{source}: the entry {key} is passed over: {failure}")
        return None

    def _registry_token(self, config: DockerConfig, host: str) -> RegistryToken | None:
        entries = (entry for _, entry in config.entries(host) if entry.get("registrytoken"))
        try:
            credential = credential_in(next(entries, {}))
        except ValueError:  # which is told when the entries have their turn
            return None
        return credential if isinstance(credential, RegistryToken) else None

    async def _ask(self, name: str, key: str) -> Credential | None:
        if (name, key) not in self._asked:
            answer = helper.get(name, key, self._settings.environ, self._settings.helper_timeout)
            self._asked[name, key] = asyncio.ensure_future(answer)
        return await asyncio.shield(self._asked[name, key])

    def _sources(self) -> list[tuple[str, DockerConfig]]:
        if self._configs is None:
            self._configs = list(_read(self._settings))
        return self._configs


def _read(settings: Settings) -> Iterator[tuple[str, DockerConfig]]:
    if value := settings.environ.get("DOCKER_AUTH_CONFIG"):
        yield "DOCKER_AUTH_CONFIG", DockerConfig.parse(value, "DOCKER_AUTH_CONFIG")
    named = settings.environ.get("REGISTRY_AUTH_FILE")
    for path in ([Path(named)] if named else []) + _files(settings):
        config = DockerConfig.read(path)
        if config is not None:
            yield str(path), config
        elif named and path == Path(named):
            raise UsageError(named, "named in REGISTRY_AUTH_FILE, but there is no such file")


def _files(settings: Settings) -> list[Path]:
    environ, home = settings.environ, settings.home
    runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/containers/{os.getuid() if hasattr(os, 'getuid') else 0}"
    config = environ.get("XDG_CONFIG_HOME") or home / ".config"
    return [
        Path(environ.get("DOCKER_CONFIG") or home / ".docker") / "config.json",
        Path(runtime) / "containers" / "auth.json",
        Path(config) / "containers" / "auth.json",
        home / ".dockercfg",
    ]
