"""Which server a command line will speak to first: told from its words alone, before anything else is imported.

The answer is a guess that costs nothing if it is wrong, so it is only given where it is likely: `regtool.transport.early`
connects to it meanwhile. Behind a proxy, and where a configuration may name a mirror, there is none.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from regtool.transport.early import Early

# Their first word names an image, and is read at once. The others ask a person before, or listen themselves.
ASKING = frozenset({"audit", "cat", "copy", "create", "diff", "edit", "inspect", "ls", "referrers", "resolve", "tag"})
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
FILES = frozenset({"oci", "oci-archive", "docker-archive"})  # before a colon, these begin a path
MOST = 17  # connections: sixteen images and their tag
LONGEST_PORT, HIGHEST_PORT = 5, 65535  # digits; number

Server = tuple[str, int]
HUB: Server = ("registry-1.docker.io", 443)
HUB_NAMES = frozenset({"docker.io", "index.docker.io"})  # `regtool.model.host` knows more of hosts, and loads more


def foresee(words: Sequence[str], environ: Mapping[str, str]) -> Early | None:
    """Begins the connections that these words will need, if it can be told."""
    if sys.platform == "win32":  # where only the loop that begins a connection can finish it
        return None
    server = server_of(words[1]) if len(words) > 1 and words[0] in ASKING else None
    if server is None or "--plain-http" in words or _is_diverted(environ):
        return None
    return Early(*server, count=min(MOST, 1 + sum(_at(server, words))))


def server_of(name: str) -> Server | None:
    """Host and port of the registry of `host/repository…`, as `regtool.model.reference` reads it; None if unsure."""
    authority, slash, _ = name.partition("/")
    if not slash or not authority.isascii() or not (authority[:1].isalnum() or authority.startswith("[")):
        return None
    is_path = authority == authority.lower() and not any(sign in authority for sign in ".:[")
    if (is_path and authority != "localhost") or authority.lower() in HUB_NAMES:
        return HUB
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        host, port = authority, "443"
        if host == "localhost" or host.startswith(("127.", "[")) or host.endswith(".localhost"):
            return None  # the port depends on whether it speaks TLS
    is_port = port.isdigit() and len(port) <= LONGEST_PORT and 0 < int(port) <= HIGHEST_PORT
    return (host.strip("[]").lower(), int(port)) if is_port and host not in ("", *FILES) else None


def _at(server: Server, words: Sequence[str]) -> Iterator[bool]:
    """For each further word, whether a request for it goes out with the first one."""
    for before, word in pairwise(words[1:]):
        is_tag = before in ("-t", "--tag") or (words[0] == "tag" and not word.startswith("-"))
        yield server_of(word) == server or (is_tag and "/" not in word)


def _is_diverted(environ: Mapping[str, str]) -> bool:
    """Whether something may stand between: a proxy, or a mirror that the user's configuration names."""
    settings = environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111 - pathlib is not here yet
    return (
        any(name.lower() in PROXIES for name, value in environ.items() if value)
        or "REGTOOL_CONFIG" in environ
        or os.path.exists(f"{settings}/regtool/config.toml")  # noqa: PTH110
    )
