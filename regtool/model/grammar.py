"""How the parts of names are spelled: hosts, repository paths, tags (distribution/reference, OCI distribution-spec)."""

import re

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[(?P<ipv6>[0-9a-fA-F:.]+)\])(?::(?P<port>[0-9]{{1,5}}))?")
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_MAX_PORT = 65535
_FILE = re.compile(r"~|\.{0,2}/|[A-Za-z]:[\\/]")
_LAYOUT_URL = re.compile(r"(?:ocidir|oci-layout)://(?P<path>.+)")  # regctl's and buildx's names
_STORE = re.compile(r"(?P<kind>docker-daemon|containers-storage|docker-tarfile|tarball|dir|sif):(?!\d)")  # skopeo's


def is_host(text: str) -> bool:
    """Whether this is a host, with a port or without."""
    found = _HOST.fullmatch(text)
    if not found or not 0 < int(found["port"] or 443) <= _MAX_PORT:
        return False
    return found["ipv6"] is None or _is_ipv6(found["ipv6"])


def _is_ipv6(text: str) -> bool:
    from ipaddress import IPv6Address  # rare enough to keep it out of every start

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def without_scheme(url: str) -> str:
    """What is left of a URL without the scheme and without a user, whose password nobody should read in an error."""
    host, slash, path = url.partition("://")[2].partition("/")
    return host.rpartition("@")[2] + slash + path


def looks_like_host(text: str) -> bool:
    """Whether the first part of a name is a host and not a part of a path on Docker Hub."""
    return text == "localhost" or "." in text or ":" in text or text != text.lower()


def why_no_path(path: str) -> str:
    """What to do about a path that is none."""
    if path != path.lower():
        return f"names are lower case: {path.lower()}"
    return "components are lower-case letters and digits, with single '.', '_', '-' between them"


def why_no_registry(text: str) -> tuple[str, str] | None:
    """What a name is, and what to write instead, if it means a file or another tool's place; else None."""
    if _FILE.match(text):
        if text.endswith(".tar"):
            return "is a path, not an image", f"write oci-archive:{text} or docker-archive:{text}"
        return "is a path, not an image", f"write oci:{text} for a layout, oci-archive:{text} for one in a tar file"
    if layout := _LAYOUT_URL.match(text):
        return "is what another tool calls a layout", f"write oci:{layout['path']}"
    if store := _STORE.match(text):
        kind = store["kind"]
        return f"is in a place that regtool does not reach ({kind})", "save it first: docker-archive:FILE, oci:DIR"
    return None
