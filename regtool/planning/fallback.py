"""What a machine runs when nothing was built for it (containerd's `platforms.Only`)."""

from collections.abc import Iterable

from regtool.model.platform import Platform

_ARM = ("v8", "v7", "v6", "v5")


def fallback(wanted: Platform, offered: Iterable[Platform]) -> Platform | None:
    """The best offer that a machine of the platform `wanted` runs although it is for another; None if there is none."""
    asked = wanted.normalized()
    names = [(name.normalized(), name) for name in offered]
    for architecture, variant in _accepted(asked):
        for plain, name in names:
            if (plain.os, plain.architecture, plain.variant) == (asked.os, architecture, variant):
                return name
    return None


def _accepted(wanted: Platform) -> list[tuple[str, str]]:
    """Architectures and variants that run on `wanted`, best first, itself left out."""
    match wanted.architecture:
        case "amd64":
            level = int(wanted.variant[1:]) if wanted.variant[1:].isdecimal() else 1
            lower = [("amd64", f"v{step}" if step > 1 else "") for step in range(level - 1, 0, -1)]
            return [*lower, ("386", "")]
        case "arm64":
            lower = [("arm64", variant) for variant in _older_arm64(wanted.variant)]
            return [*lower, *(("arm", variant) for variant in _ARM)]
        case "arm":
            known = wanted.variant in _ARM
            return [("arm", variant) for variant in (_ARM[_ARM.index(wanted.variant) + 1 :] if known else ())]
        case _:
            return []


def _older_arm64(variant: str) -> list[str]:
    """`v9.n` runs what is for `v8.(n+5)` and below; the empty variant is `v8`."""
    major, _, minor = variant.removeprefix("v").partition(".")
    if not major.isdecimal() or (minor and not minor.isdecimal()):
        return []
    step = int(minor or 0)
    nines = [f"v9.{n}" if n else "v9" for n in range(step - 1, -1, -1)] if major == "9" else []
    eights = range(step + 5 if major == "9" else step - 1, -1, -1)
    return [*nines, *(f"v8.{n}" if n else "" for n in eights)]
