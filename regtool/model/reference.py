"""Names of things in registries, by Docker's rules (distribution/reference) and the OCI distribution-spec's grammar.

What a name leaves out is filled in as everywhere in this field: no host means Docker Hub, one word there means
`library/`, and neither tag nor digest means the tag `latest`. A first part is a host only if it has a dot, a colon,
an upper-case letter, or is `localhost`; so `localhost:5000` alone is the image `localhost`, tag `5000`.
"""

import re
from dataclasses import dataclass
from typing import Self

from regtool.errors import UsageError
from regtool.model.digest import Digest

DOCKER_HUB = "docker.io"
DEFAULT_TAG = "latest"

_HUB_NAMES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[(?P<ipv6>[0-9a-fA-F:.]+)\])(?::(?P<port>[0-9]{{1,5}}))?")
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_BARE_DIGEST = re.compile(r"(?:sha256:)?[a-f0-9]{64}")
_MAX_NAME = 255
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A tag: a name in one repository that can be moved."""

    name: str

    def __post_init__(self) -> None:
        if not _TAG.fullmatch(self.name):
            why = "not a tag" if len(self.name) <= 128 else "too long for a tag"
            raise UsageError(
                self.name or "an empty tag",
                why,
                "a tag is up to 128 letters, digits, '_', '.', '-', and starts with no '.' or '-'",
            )

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, order=True)
class Repository:
    """A repository in a registry: `host` is the registry as its users name it (`docker.io`, `localhost:5000`)."""

    host: str
    path: str

    def __post_init__(self) -> None:
        if not _is_host(self.host):
            why = "not a registry host" if self.host.isascii() else "not a registry host, as it is not all ASCII"
            raise UsageError(self.host, why, "write it as host or host:port")
        if not _PATH.fullmatch(self.path):
            raise UsageError(self.path, "not a repository name", _why_no_path(self.path))
        if len(self.host) + 1 + len(self.path) > _MAX_NAME:
            raise UsageError(str(self), f"longer than {_MAX_NAME} characters")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `host/path` or a Docker Hub name. Raises UsageError, also for a tag or digest behind it."""
        host, slash, path = text.partition("/")
        if not slash or not _looks_like_host(host):
            host, path = DOCKER_HUB, text
        if host in _HUB_NAMES:
            host, path = DOCKER_HUB, path if "/" in path else f"library/{path}"
        return cls(host, path)

    def at(self, selector: "Tag | Digest") -> "Reference":
        """The reference to one tag or digest in this repository."""
        if isinstance(selector, Digest):
            return Reference(self, None, selector)
        return Reference(self, selector, None)

    def tag(self, text: str) -> Tag:
        """Reads a tag of this repository: the bare name, or a full reference that names this repository."""
        if "/" not in text and ":" not in text:
            return Tag(text)
        reference = Reference.parse(text)
        if reference.place != self or reference.tag is None or reference.digest:
            raise UsageError(text, f"is not a tag in {self}", "give the name of the tag alone")
        return reference.tag

    def __str__(self) -> str:
        return f"{self.host}/{self.path}"


@dataclass(frozen=True, slots=True)
class Reference:
    """One manifest by name: a repository with a tag, a digest, or both. With both the digest decides."""

    place: Repository
    tag: Tag | None
    digest: Digest | None

    def __post_init__(self) -> None:
        if self.tag is None and self.digest is None:
            raise UsageError(str(self.place), "names neither tag nor digest", f"add :{DEFAULT_TAG}, say")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `[host/]path[:tag][@digest]`; with neither tag nor digest it is the tag `latest`. Raises UsageError."""
        if not text or text != text.strip():
            raise UsageError(repr(text), "not an image reference", "write it as host/repository:tag")
        if "://" in text:
            name = _without_scheme(text) or "host/repository:tag"
            raise UsageError(name, "was given as a URL, which is no image reference", f"write {name}")
        if _BARE_DIGEST.fullmatch(text):
            raise UsageError(text, "names no repository", "write it as repository@sha256:…")
        rest, at, digest = text.partition("@")
        head, colon, tag = rest.rpartition(":")
        if not colon or "/" in tag or tag.endswith("]"):
            head, tag = rest, ""
        return cls(
            Repository.parse(head),
            Tag(tag) if tag or head != rest else None if at else Tag(DEFAULT_TAG),
            Digest.parse(digest) if at else None,
        )

    @property
    def selector(self) -> Tag | Digest:
        """What decides which manifest this is: the digest if there is one, else the tag."""
        if self.digest is not None:
            return self.digest
        assert self.tag is not None
        return self.tag

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.place}{tag}{digest}"


def _is_host(text: str) -> bool:
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


def _without_scheme(url: str) -> str:
    """What is left of a URL without the scheme and without a user, whose password nobody should read in an error."""
    host, slash, path = url.partition("://")[2].partition("/")
    return host.rpartition("@")[2] + slash + path


def _looks_like_host(text: str) -> bool:
    return text == "localhost" or "." in text or ":" in text or text != text.lower()


def _why_no_path(path: str) -> str:
    if path != path.lower():
        return f"names are lower case: {path.lower()}"
    return "components are lower-case letters and digits, with single '.', '_', '-' between them"
