"""Writing docker's `config.json`: one entry changes, everything else stays, and no moment shows half a file.

The file is written beside itself, flushed to the disk, and moved into place, mode 0600. Several processes take turns at
a lock file, and each reads the file again inside its turn, so that parallel logins lose nothing.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from regtool.errors import StorageError, UsageError
from regtool.transport.credential import IdentityToken, Password
from regtool.transport.docker_config import key_of, same_registry
from regtool.transport.user_file import replace, turn

Document = dict[str, Any]


def write_entry(path: Path, host: str, credential: Password | IdentityToken) -> None:
    """Sets the entry of a registry. Raises StorageError, or UsageError if the file is no JSON, which stays as it is."""
    entry = _entry(credential)

    def change(document: Document) -> bool:
        _drop(document, host)
        document.setdefault("auths", {})[key_of(host)] = entry
        return True

    _rewrite(path, change)


def remove_entry(path: Path, host: str) -> bool:
    """Removes every entry of a registry; whether there was one. Raises like `write_entry`."""
    return path.exists() and _rewrite(path, lambda document: _drop(document, host))


def _entry(credential: Password | IdentityToken) -> Document:
    if isinstance(credential, IdentityToken):
        named = base64.b64encode(f"{credential.username}:".encode()).decode()
        return {"auth": named, "identitytoken": credential.secret}
    return {"auth": base64.b64encode(f"{credential.username}:{credential.secret}".encode()).decode()}


def _drop(document: Document, host: str) -> bool:
    auths = document.get("auths", {})
    mine = [key for key in auths if same_registry(key, host)]
    for key in mine:
        del auths[key]
    return bool(mine)


def _rewrite(path: Path, change: Callable[[Document], bool]) -> bool:
    """Changes the file if `change` says that it did; what is behind a link is changed, not the link."""
    path = path.resolve()
    try:
        with turn(path):
            document = _read(path)
            changed = change(document)
            if changed:
                replace(path, json.dumps(document, indent="\t").encode() + b"\n")
            return changed
    except OSError as failure:
        raise StorageError(str(path), f"cannot be written: {failure.strerror}") from None


def _read(path: Path) -> Document:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        document = json.loads(content) if content.strip() else {}
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("auths", {}), dict):
        raise UsageError(str(path), "is not valid JSON of that form", "mend or remove it; nothing was written")
    return document
