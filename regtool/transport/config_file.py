"""regtool's own configuration: a section for each registry in `~/.config/regtool/config.toml`.

    timeout = 120                       # seconds, for all

    [host."registry.example.com"]
    ca_file = "/etc/ssl/example.pem"    # relative paths start at the configuration file
    cert = "client.pem"
    key = "client.key"
    plain_http = false
    insecure = false
    mirrors = ["mirror.example.com"]    # asked first for what is only read
    concurrency = 8                     # requests at a time
    auth_realm = ["login.example.org"]  # may be given this registry's credentials, as its token server
    storage = ["s3.internal:9000"]      # may be redirected to, though it is inside

A file with a mistake is an error, and so is a word that is not known: a setting that is silently not used can send
credentials over plain http.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from regtool.errors import UsageError
from regtool.model.host import usual_host
from regtool.transport.origin import Origin
from regtool.transport.settings import DEFAULT_TIMEOUT, HostSettings, Settings

LARGEST = 1024 * 1024
_MOST_CONCURRENT = 1000


def config_path(settings: Settings) -> Path:
    """Where the configuration is: `REGTOOL_CONFIG`, or in `XDG_CONFIG_HOME`, which is `~/.config`."""
    if named := settings.environ.get("REGTOOL_CONFIG"):
        return Path(named)
    return Path(settings.environ.get("XDG_CONFIG_HOME") or settings.home / ".config") / "regtool" / "config.toml"


def configured(settings: Settings) -> Settings:
    """`settings` with the sections of the configuration file, if there is one. Raises UsageError, naming the key.

    What `settings` says about a host already stays; the file's `timeout` only counts where `settings` has the default.
    """
    path = config_path(settings)
    document = _read(path, required="REGTOOL_CONFIG" in settings.environ)
    _known(document, {"timeout", "host"}, str(path))
    hosts = _table(document.get("host", {}), f"{path}: host")
    sections: dict[str, HostSettings] = {}
    for name, table in hosts.items():
        host, where = _host(name, f"{path}: host"), f"{path}: host.{name}"
        if host in sections:
            raise UsageError(where, f"is {host} once more", "one section for each registry")
        sections[host] = _section(_table(table, where), where, path)
    timeout = settings.timeout
    if "timeout" in document and timeout == DEFAULT_TIMEOUT:
        timeout = _number(document["timeout"], f"{path}: timeout")
    return replace(settings, timeout=timeout, hosts={**sections, **settings.hosts})


def _section(section: Mapping[str, Any], where: str, path: Path) -> HostSettings:
    _known(section, set(_FIELDS), where)
    values = {_FIELDS[key][0]: _FIELDS[key][1](value, f"{where}.{key}") for key, value in section.items()}
    for field in ("ca_file", "client_cert", "client_key"):
        if field in values:
            values[field] = path.parent / values[field]
    for word in ("ca_file", "cert", "key", "insecure"):
        if section.get("plain_http") is True and section.get(word):
            raise UsageError(f"{where}.{word}", "means nothing with plain_http = true", "leave one of the two out")
    if "key" in section and "cert" not in section:
        raise UsageError(f"{where}.key", "is a key without its certificate", "name that with cert")
    return HostSettings(**values)


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        if required:
            raise UsageError(str(path), "named in REGTOOL_CONFIG, but there is no such file") from None
        return {}
    except OSError as failure:
        raise UsageError(str(path), f"cannot be read: {failure.strerror}") from None
    if len(content) > LARGEST:
        raise UsageError(str(path), f"is longer than {LARGEST} bytes")
    import tomllib  # only where there is a file to read

    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as failure:
        raise UsageError(str(path), f"is no valid TOML: {failure}") from None


def _known(table: Mapping[str, Any], words: set[str], where: str) -> None:
    for word in table:
        if word not in words:
            raise UsageError(f"{where}: {word}", "is not a setting", f"known are {', '.join(sorted(words))}")


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(where, "must be a section", 'write it as [host."registry.example.com"]')
    return value


def _host(value: object, where: str) -> str:
    try:
        Origin.parse("https", value if isinstance(value, str) else "")
    except UsageError:
        raise UsageError(f"{where}: {value}", "is not a host", "write it as host or host:port") from None
    return usual_host(str(value))


def _hosts(value: object, where: str) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(_host(host, where) for host in listed)


def _bool(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise UsageError(where, "must be true or false")
    return value


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e6:
        raise UsageError(where, "must be a number of seconds")
    return float(value)


def _count(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MOST_CONCURRENT:
        raise UsageError(where, f"must be a whole number from 1 to {_MOST_CONCURRENT}")
    return value


def _path(value: object, where: str) -> Path:
    if not isinstance(value, str) or not value:
        raise UsageError(where, "must be the name of a file")
    return Path(value).expanduser()


# word in the file -> field of HostSettings, and how its value is read
_FIELDS: dict[str, tuple[str, Callable[[object, str], Any]]] = {
    "plain_http": ("plain_http", _bool),
    "insecure": ("insecure", _bool),
    "ca_file": ("ca_file", _path),
    "cert": ("client_cert", _path),
    "key": ("client_key", _path),
    "mirrors": ("mirrors", _hosts),
    "concurrency": ("concurrency", _count),
    "auth_realm": ("auth_realms", lambda value, where: frozenset(_hosts(value, where))),
    "storage": ("storage", lambda value, where: frozenset(_hosts(value, where))),
}
