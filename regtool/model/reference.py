"""Names of images and of the places where they lie.

In registries by Docker's rules (distribution/reference) and the OCI distribution-spec's grammar; in files by the names
that skopeo gave them: `oci:DIR`, `oci-archive:FILE`, `docker-archive:FILE`, each with `:TAG` or `@DIGEST` if wanted.

What a registry's name leaves out is filled in as everywhere in this field: no host means Docker Hub, one word there
means `library/`, and neither tag nor digest means the tag `latest`. A first part is a host only if it has a dot, a
colon, an upper-case letter, or is `localhost`; so `localhost:5000` alone is the image `localhost`, tag `5000`.
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Self

from regtool.errors import UsageError
from regtool.model.digest import HEX_LENGTHS, Digest
from regtool.model.grammar import PATH, TAG, is_host, looks_like_host, why_no_path, why_no_registry, without_scheme
from regtool.model.host import DOCKER_HUB, usual_host
from regtool.values import dataclass

DEFAULT_TAG = "latest"
LAYOUT = "oci"  # what the name of a layout begins with

_BARE_DIGEST = re.compile(r"(?:sha256:)?[a-f0-9]{64}")
_SCHEME = re.compile(r"(?P<scheme>oci|oci-archive|docker-archive):")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_MAX_NAME = 255


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A tag: a name in one repository that can be moved."""

    name: str

    def __post_init__(self) -> None:
        if not TAG.fullmatch(self.name):
            why = "not a tag" if len(self.name) <= 128 else "too long for a tag"
            raise UsageError(
                self.name or "an empty tag",
                why,
                "a tag is up to 128 letters, digits, '_', '.', '-', and starts with no '.' or '-'",
            )

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Name:
    """What an image is called in a layout or an archive beyond tags: a full name, or empty for the only image there."""

    text: str = ""

    def __str__(self) -> str:
        return self.text or "the only image"


Selector = Tag | Digest | Name


class _Place:
    """What every place can say, whatever it is."""

    __slots__ = ()

    def at(self: "Place", selector: Selector) -> "Reference":  # type: ignore[misc]
        """The reference to one image in this place."""
        if isinstance(selector, Digest):
            return Reference(self, None, selector)
        if isinstance(selector, Name):
            return Reference(self, None, None, selector.text)
        return Reference(self, selector, None)

    def tag(self: "Place", text: str) -> Tag:  # type: ignore[misc]
        """Reads a tag of this place: the bare name, or a full reference that names this place."""
        if "/" not in text and ":" not in text:
            return Tag(text)
        reference = Reference.parse(text)
        if reference.place != self or reference.tag is None or reference.digest:
            raise UsageError(text, f"is not a tag in {self}", "give the name of the tag alone")
        return reference.tag


@dataclass(frozen=True, slots=True, order=True)
class Repository(_Place):
    """A repository in a registry: `host` is the registry as its users name it (`docker.io`, `localhost:5000`)."""

    host: str
    path: str

    def __post_init__(self) -> None:
        if not is_host(self.host):
            why = "not a registry host" if self.host.isascii() else "not a registry host, as it is not all ASCII"
            raise UsageError(self.host, why, "write it as host or host:port")
        if not PATH.fullmatch(self.path):
            raise UsageError(self.path, "not a repository name", why_no_path(self.path))
        if len(self.host) + 1 + len(self.path) > _MAX_NAME:
            raise UsageError(str(self), f"longer than {_MAX_NAME} characters")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `host/path` or a Docker Hub name. Raises UsageError, also for a tag or digest behind it."""
        host, slash, path = text.partition("/")
        if not slash or not looks_like_host(host):
            host, path = DOCKER_HUB, text
        host = usual_host(host)
        if host == DOCKER_HUB and "/" not in path:
            path = f"library/{path}"
        return cls(host, path)

    def __str__(self) -> str:
        return f"{self.host}/{self.path}"


@dataclass(frozen=True, slots=True, order=True)
class Layout(_Place):
    """A directory that is an OCI image layout."""

    path: Path

    def __str__(self) -> str:
        return f"{LAYOUT}:{self.path}"


class ArchiveForm(StrEnum):
    """How the images in a tar file are arranged, under the name that a reference begins with."""

    OCI = "oci-archive"
    DOCKER = "docker-archive"  # what `docker save` writes; read only


@dataclass(frozen=True, slots=True, order=True)
class Archive(_Place):
    """A tar file with images in it."""

    path: Path
    form: ArchiveForm

    def __str__(self) -> str:
        return f"{self.form}:{self.path}"


Place = Repository | Layout | Archive


def place_of(text: str) -> Place:
    """Reads the name of a place alone: `host/path`, `oci:DIR`, `oci-archive:FILE`. Raises UsageError."""
    if _SCHEME.match(text):
        reference = Reference.parse(text)
        if reference.tag or reference.digest or reference.name:
            raise UsageError(text, "names one image, not the place", f"write {reference.place}")
        return reference.place
    _refuse_elsewhere(text)
    if "@" in text or ":" in text.rpartition("/")[2]:
        raise _no_place(text)
    return Repository.parse(text)


def _no_place(text: str) -> UsageError:
    """The error for a name with a tag or a digest; `localhost:5000` is as good as never the image `localhost`."""
    if "/" not in text and text.rpartition(":")[2].isdecimal():
        return UsageError(text, "is a registry, not a repository in it", f"write {text}/NAME")
    return UsageError(text, "names one image, not the place", f"write {Reference.parse(text).place}")


def _refuse_elsewhere(text: str) -> None:
    if reason := why_no_registry(text):
        raise UsageError(text, *reason)


@dataclass(frozen=True, slots=True)
class Reference:
    """One manifest by name: a place with a tag, a digest, or both. With both the digest decides.

    In a layout or an archive it may have neither: then it is the image called `name` there, or the only one.
    """

    place: Place
    tag: Tag | None
    digest: Digest | None
    name: str = ""

    def __post_init__(self) -> None:
        if self.tag is None and self.digest is None and isinstance(self.place, Repository):
            raise UsageError(str(self.place), "names neither tag nor digest", f"add :{DEFAULT_TAG}, say")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `[host/]path[:tag][@digest]`, or the same behind `oci:DIR` and its kind. Raises UsageError.

        In a registry, neither tag nor digest means the tag `latest`.
        """
        if not text or text != text.strip():
            raise UsageError(repr(text), "not an image reference", "write it as host/repository:tag")
        if scheme := _SCHEME.match(text):
            return cls(*_in_files(scheme["scheme"], text[scheme.end() :], text))
        _refuse_elsewhere(text)
        if "://" in text:
            name = without_scheme(text) or "host/repository:tag"
            raise UsageError(name, "was given as a URL, which is no image reference", f"write {name}")
        if _BARE_DIGEST.fullmatch(text):
            raise UsageError(text, "names no repository", "write it as repository@sha256:…")
        rest, at, digest = text.partition("@")
        head, colon, tag = rest.rpartition(":")
        if not colon or "/" in tag or tag.endswith("]"):
            head, tag = rest, ""
        if not head:
            raise UsageError(text, "names no repository", "write it as host/repository:tag")
        if not tag and head != rest:
            raise UsageError(text, "has an empty tag", f"write {head}:TAG; the variable for it may be empty")
        return cls(
            Repository.parse(head),
            Tag(tag) if tag else None if at else Tag(DEFAULT_TAG),
            Digest.parse(digest) if at else None,
        )

    @classmethod
    def parse_target(cls, text: str) -> Self:
        """Reads where to write: a tag, `latest` if none is named. Raises UsageError, also for what is never written."""
        found = cls.parse(text)
        if found.digest or found.name:
            raise UsageError(text, "a target is a tag, not a digest", f"write it as {found.place}:TAG")
        if isinstance(found.place, Archive) and found.place.form is ArchiveForm.DOCKER:
            raise UsageError(text, "docker archives are only read", f"write {ArchiveForm.OCI}:{found.place.path}")
        return cls(found.place, found.tag or Tag(DEFAULT_TAG), None)

    @classmethod
    def parse_exact(cls, text: str) -> Self:
        """Reads a name that says its tag or its digest: what is deleted must not be filled in. Raises UsageError."""
        found = cls.parse(text)
        if not found.digest and (not found.tag or f":{found.tag}" not in text):
            raise UsageError(text, "names neither tag nor digest", f"write it as {found.place}:TAG")
        return found

    @property
    def selector(self) -> Selector:
        """What decides which manifest this is: the digest if there is one, else the tag, else the name."""
        return self.digest or self.tag or Name(self.name)

    def __str__(self) -> str:
        name = self.tag or self.name
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.place}{f':{name}' if name else ''}{digest}"


def _in_files(scheme: str, rest: str, text: str) -> tuple[Place, Tag | None, Digest | None, str]:
    """The parts of a reference behind `oci:` and its kind. The path ends at its first colon, a drive's excepted."""
    head, at, digest = rest.rpartition("@")
    if not at or digest.partition(":")[0] not in HEX_LENGTHS:
        head, digest = rest, ""
    drive = head[:2] if _DRIVE.match(head) else ""
    path, colon, name = head[len(drive) :].partition(":")
    if not drive + path or "\0" in path or (colon and not name):
        raise UsageError(text, "names no file" if not drive + path else "ends in ':' without a tag",
                         f"write it as {scheme}:PATH or {scheme}:PATH:TAG")  # fmt: skip
    where = Path(drive + path)
    place = Layout(where) if scheme == LAYOUT else Archive(where, ArchiveForm(scheme))
    is_full_name = "/" in name or ":" in name
    return (
        place,
        Tag(name) if name and not is_full_name else None,
        Digest.parse(digest) if digest else None,
        (name if is_full_name else ""),
    )
