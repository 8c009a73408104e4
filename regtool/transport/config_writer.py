"""Adding to regtool's own configuration. It is the user's file: comments, order and everything else stay."""

import re
import tomllib
from pathlib import Path

from regtool.errors import StorageError, UsageError
from regtool.model.host import usual_host
from regtool.transport.user_file import replace, turn


def allow_realm(path: Path, host: str, realm: str) -> None:
    """Notes that `realm` may have the credentials of the registry `host`, as its token server.

    Raises StorageError, or UsageError if the file has a form in which this cannot be added safely.
    """
    path = path.resolve()
    try:
        with turn(path):
            before = path.read_text() if path.exists() else ""
            replace(path, _with_realm(before, _spelled(before, host), realm, path).encode())
    except OSError as failure:
        raise StorageError(str(path), f"cannot be written: {failure.strerror}") from None


def _spelled(text: str, host: str) -> str:
    """The name of the host as the file has it: a second section for it would be a mistake."""
    return next((name for name in tomllib.loads(text).get("host", {}) if usual_host(name) == host), host)


def _with_realm(text: str, host: str, realm: str, path: Path) -> str:
    allowed = sorted({*_allowed(text, host), realm})
    line = f"auth_realm = [{', '.join(map(_quoted, allowed))}]\n"
    changed = _changed(text, host, line)
    try:
        if sorted(_allowed(changed, host)) == allowed:
            return changed
    except tomllib.TOMLDecodeError:
        pass
    raise UsageError(
        str(path), "has a form that is not changed by programs", f"add to its host.{_quoted(host)}: {line}"
    )


def _allowed(text: str, host: str) -> list[str]:
    listed = tomllib.loads(text).get("host", {}).get(host, {}).get("auth_realm", [])
    return listed if isinstance(listed, list) else [listed]


def _changed(text: str, host: str, line: str) -> str:
    """The text with this line in the section of the host: in place of the one that is there, first, or in a new one."""
    header = re.compile(rf"^\[host\.[\"']?{re.escape(host)}[\"']?\]\s*(?:#.*)?$\n?", re.MULTILINE)
    found = header.search(text)
    if not found:
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[host.{_quoted(host)}]\n{line}"
    end = re.compile(r"^\[", re.MULTILINE).search(text, found.end())
    section = text[found.end() : end.start() if end else len(text)]
    rest = re.sub(r"^auth_realm\s*=.*\n?", "", section, count=1, flags=re.MULTILINE)
    return f"{text[: found.end()].rstrip()}\n{line}{rest}{text[found.end() + len(section) :]}"


def _quoted(text: str) -> str:
    return f'"{text}"'
