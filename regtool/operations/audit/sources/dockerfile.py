"""The images that a Dockerfile builds upon: every `FROM`, `COPY --from` and `RUN --mount=from`, stages left out.

By the Dockerfile reference: `ARG` before the first `FROM` has a default or is given, `FROM --platform` decides for
which platform an image is pulled, and the variables of a build for several platforms are known.
"""

import re
from collections.abc import Iterator, Mapping

from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.model.reference import Reference
from regtool.operations.audit.sources.text import reference_in
from regtool.operations.audit.sources.variables import expand
from regtool.operations.audit.subject import Subject
from regtool.values import dataclass

_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)\s*", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?\s*[\"']?([A-Za-z_]\w*)[\"']?")
_FROM = re.compile(
    r"FROM\s+(?:--platform=(?P<platform>\S+)\s+)?(?P<image>(?!--)\S+)(?:\s+AS\s+(?P<stage>\S+))?", re.IGNORECASE
)
_ARG = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:=(?P<value>\"[^\"]*\"|'[^']*'|\S*))?")
_COPIED = re.compile(r"(?:COPY|ADD)\s(?:.*\s)?--from=(?P<image>\S+)", re.IGNORECASE)
_MOUNTED = re.compile(r"--mount=\S*?\bfrom=(?P<image>[^,\s]+)")

# What runs on the machine that builds, whatever that is: no platform can be required of it.
_ON_THE_BUILDER = frozenset({"BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"})


@dataclass(frozen=True, slots=True)
class _Pull:
    """An image that a line names, and the platform if the line names that, too; variables not replaced yet."""

    where: str
    image: str
    platform: str


def read_dockerfile(
    text: str, name: str, arguments: Mapping[str, str], platforms: tuple[Platform, ...]
) -> Iterator[Subject]:
    """The images that a build for `platforms` pulls, `arguments` being its build arguments. Raises UsageError."""
    values: dict[str, str] = {}
    found: dict[Subject, None] = {}
    for pull in _pulls(text, name, arguments, values):
        found.update((subject, None) for subject in _subjects(pull, values, platforms))
    yield from found


def _pulls(text: str, name: str, arguments: Mapping[str, str], values: dict[str, str]) -> Iterator[_Pull]:
    """The images that are no stages. Fills `values` with the arguments that stand before the first `FROM`."""
    stages: set[str] = set()
    for number, line in _instructions(text):
        where, word = f"{name}:{number}", line.split(maxsplit=1)[0].upper()
        if word == "ARG" and not stages:
            values.update(_defaults(line, arguments, values, where))
        elif word == "FROM":
            found = _FROM.fullmatch(line)
            if not found:
                raise UsageError(where, "is a FROM that names no image", "write FROM [--platform=P] IMAGE [AS STAGE]")
            if found["image"].lower() not in stages | {"scratch"}:
                yield _Pull(where, found["image"], found["platform"] or "")
            stages.add((found["stage"] or "").lower())
        else:
            others = [*_COPIED.finditer(line), *_MOUNTED.finditer(line)] if word in ("COPY", "ADD", "RUN") else []
            for other in others:
                if other["image"].lower() not in stages and not other["image"].isdecimal():
                    yield _Pull(where, other["image"], "")


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Instructions on one line each, with the number of their first line; comments and here-documents left out."""
    lines = text.splitlines()
    directive = _ESCAPE.fullmatch(lines[0].strip()) if lines else None
    escape = directive[1] if directive else "\\"
    numbered = iter(enumerate(lines, 1))
    for number, line in numbered:
        whole = _joined(line.strip(), numbered, escape)
        if not whole or whole.startswith("#"):
            continue
        for end in _HEREDOC.findall(whole) if whole.split(maxsplit=1)[0].upper() in ("RUN", "COPY", "ADD") else ():
            while next(numbered, (0, end))[1].strip() != end:
                pass
        yield number, " ".join(whole.split())


def _joined(line: str, following: Iterator[tuple[int, str]], escape: str) -> str:
    """A line with those that continue it; comments between them do not end it."""
    while line.endswith(escape) and not line.startswith("#"):
        more = next(following, (0, ""))[1].strip()
        line = line if more.startswith("#") else f"{line[:-1]} {more}".strip()
    return line


def _defaults(
    line: str, arguments: Mapping[str, str], values: Mapping[str, str], where: str
) -> Iterator[tuple[str, str]]:
    for found in _ARG.finditer(line.partition(" ")[2]):
        if found["name"] in arguments:
            yield found["name"], arguments[found["name"]]
        elif found["value"] is not None:
            yield found["name"], expand(found["value"].strip("\"'"), values, where)


def _subjects(pull: _Pull, values: Mapping[str, str], platforms: tuple[Platform, ...]) -> Iterator[Subject]:
    """What is pulled: one image for all platforms, or one for each if its name has the platform in it."""
    if re.search(r"\$\{?TARGET(?:PLATFORM|OS|ARCH|VARIANT)\b", pull.image):
        if not platforms:
            raise UsageError(pull.where, f"pulls {pull.image}, which depends on the platform", "name some by --require")
        for platform in platforms:
            yield Subject(_reference(pull, {**values, **_target(platform)}), pull.where, (platform,))
        return
    reference = _reference(pull, values)
    if any(name in pull.platform for name in _ON_THE_BUILDER):
        yield Subject(reference, pull.where, ())
    elif pull.platform and "TARGET" not in pull.platform:
        yield Subject(reference, pull.where, (Platform.parse(expand(pull.platform, values, pull.where)),))
    else:
        yield Subject(reference, pull.where)


def _reference(pull: _Pull, values: Mapping[str, str]) -> Reference:
    return reference_in(expand(pull.image, values, pull.where), pull.where)


def _target(platform: Platform) -> dict[str, str]:
    plain = platform.normalized()
    return {
        "TARGETPLATFORM": str(plain),
        "TARGETOS": plain.os,
        "TARGETARCH": plain.architecture,
        "TARGETVARIANT": plain.variant,
    }
