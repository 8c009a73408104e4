"""Guards: what must hold before a tag is moved. Each refuses by raising ConflictError, and says the way round it."""

from collections.abc import Iterable, Sequence
from typing import Self

from regtool.errors import ConflictError, MovedError, UsageError
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.planning.member import Member
from regtool.planning.origin import REVISION, Origin
from regtool.values import dataclass

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw under a tag; `digest` None: that there is no such tag."""

    digest: Digest | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a digest or the word `absent`. Raises UsageError."""
        return cls(None if text == ABSENT else Digest.parse(text))

    def __str__(self) -> str:
        return str(self.digest) if self.digest else ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """Which guards stand. `expect` are the platforms that the list must have, no more and no fewer; empty: any."""

    expect: tuple[Platform, ...] = ()
    allow_shrink: bool = False
    same_revision: bool = False
    allow_mixed_revisions: bool = False
    if_digest: Seen | None = None
    not_older: bool = False

    def __post_init__(self) -> None:
        if self.same_revision and self.allow_mixed_revisions:
            raise UsageError("--same-revision", "contradicts --allow-mixed-revisions", "leave one of them out")


def unmet(offered: Iterable[Platform], expected: Sequence[Platform]) -> list[Platform]:
    """The expected platforms that nothing here is for."""
    there = list(offered)
    return [wanted for wanted in expected if not any(platform.satisfies(wanted) for platform in there)]


def refuse_unexpected(what: str, members: Sequence[Member], expected: Sequence[Platform]) -> None:
    """The list has exactly the platforms expected. Several releases of Windows may answer one expectation."""
    if not expected:
        return
    offered = _platforms(members)
    missing = unmet(offered, expected)
    surplus = [platform for platform in offered if not any(platform.satisfies(wanted) for wanted in expected)]
    said = [f"lacks {_listed(missing)}"] if missing else []
    said += [f"has {_listed(surplus)}, which --expect does not name"] if surplus else []
    if said:
        hint = "--wait waits for what is missing" if missing else "name it in --expect, or keep it out with --platform"
        raise ConflictError(what, " and ".join(said), hint)


def refuse_shrink(what: str, before: Iterable[Platform], after: Sequence[Platform]) -> None:
    """A tag keeps every platform that it has now."""
    lost = [platform for platform in before if not any(_stands_in(new, platform) for new in after)]
    if lost:
        raise ConflictError(
            what,
            f"would lose {_listed(lost)}, which it has now",
            "add the missing image, keep what is there with --append, or give --allow-shrink",
        )


def refuse_mixed(what: str, origins: Sequence[tuple[Member, Origin]], *, strictly: bool) -> None:
    """All images were built from one commit. Strictly, each also has to say from which."""
    silent = [member for member, origin in origins if not origin.revision]
    if strictly and silent:
        raise ConflictError(str(silent[0]), f"does not say its {REVISION}", "label the build, or drop --same-revision")
    known = [(member, origin.revision) for member, origin in origins if origin.revision]
    for member, revision in known:
        if revision != known[0][1]:
            raise ConflictError(
                what,
                f"{known[0][0]} is of revision {known[0][1]}, but {member} of {revision}",
                "build both from one commit, or give --allow-mixed-revisions",
            )


def refuse_older(what: str, before: Origin, after: Origin) -> None:
    """A tag never goes back: the higher semantic version is newer; between equal or unknown ones, the later build."""
    from regtool.model.version import Version  # its patterns are compiled for those who ask

    old, new = Version.find(before.version), Version.find(after.version)
    if old and new and old != new:
        if new < old:
            raise ConflictError(what, f"is at version {before.version}, newer than {after.version}", _LEAVE)
    elif before.created and after.created:
        if after.created < before.created:
            raise ConflictError(what, f"was built {before.created}, later than {after.created}", _LEAVE)
    elif not (old and new):
        raise ConflictError(
            what,
            "cannot be compared with the new list: they have neither semantic versions nor times of build in common",
            "label the builds with org.opencontainers.image.version, or drop --not-older",
        )


def refuse_unseen(what: str, seen: Seen, now: Digest | None) -> None:
    """The tag still is what was seen."""
    if now != seen.digest:
        raise MovedError(what, f"is {now or ABSENT}, not {seen}", "look at it, and decide anew")


_LEAVE = "a newer build was faster; leave it, or drop --not-older"


def _platforms(members: Iterable[Member]) -> list[Platform]:
    return [member.platform for member in members if member.platform]


def _stands_in(new: Platform, old: Platform) -> bool:
    """Whether `new` serves whoever used `old`: of a Windows release another patch does, or any without one."""
    one, other = new.normalized(), old.normalized()
    same = (one.os, one.architecture, one.variant) == (other.os, other.architecture, other.variant)
    return same and ("" in (_release(one), _release(other)) or _release(one) == _release(other))


def _release(platform: Platform) -> str:
    """`10.0.20348` of `10.0.20348.2402`: the last part is the patch, which a new base image raises each month."""
    return ".".join(platform.os_version.split(".")[:3])


def _listed(platforms: Iterable[Platform]) -> str:
    return ", ".join(map(str, platforms))
