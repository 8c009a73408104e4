"""What an image runs on: operating system, architecture, variant (OCI image-spec, image-index.md "platform").

Two forms exist on purpose. What a document says is kept as it says it (`arm64/v8` stays `arm64/v8`); what is compared
or typed by a person is `normalized()`, by the rules of containerd's platforms package plus the names that `uname -m`,
Debian and Docker Hub's user names use (`x86_64`, `armhf`, `arm64v8`).
"""

import re
from dataclasses import replace
from typing import Self

from regtool.errors import UsageError
from regtool.values import dataclass

UNKNOWN = "unknown"

_SYSTEMS = {"macos": "darwin", "macosx": "darwin", "win": "windows"}

# spelling -> (architecture, variant) as Go and every registry write them
_ARCHITECTURES = {
    "x86_64": ("amd64", ""), "x86-64": ("amd64", ""), "x64": ("amd64", ""),
    "aarch64": ("arm64", ""), "arm64v8": ("arm64", ""), "armv8": ("arm64", ""),
    "armhf": ("arm", "v7"), "armv7": ("arm", "v7"), "armv7l": ("arm", "v7"), "armv7hf": ("arm", "v7"),
    "arm32v7": ("arm", "v7"), "armel": ("arm", "v6"), "armv6": ("arm", "v6"), "armv6l": ("arm", "v6"),
    "armv6hf": ("arm", "v6"), "arm32v6": ("arm", "v6"), "armv5": ("arm", "v5"), "armv5l": ("arm", "v5"),
    "armv5tel": ("arm", "v5"), "arm32v5": ("arm", "v5"), "armv8l": ("arm", "v8"),
    "i386": ("386", ""), "i486": ("386", ""), "i586": ("386", ""), "i686": ("386", ""), "x86": ("386", ""),
    "ppc64el": ("ppc64le", ""), "powerpc64le": ("ppc64le", ""), "loongarch64": ("loong64", ""),
    "mipsel": ("mipsle", ""), "mips64el": ("mips64le", ""),
}  # fmt: skip

# what `uname -m` says, where that is another word; each reads back as the same platform
_MACHINES = {
    ("amd64", ""): "x86_64", ("arm64", ""): "aarch64", ("386", ""): "i686", ("loong64", ""): "loongarch64",
    ("arm", "v5"): "armv5tel", ("arm", "v6"): "armv6l", ("arm", "v7"): "armv7l", ("arm", "v8"): "armv8l",
    ("mipsle", ""): "mipsel", ("mips64le", ""): "mips64el",
}  # fmt: skip

_KNOWN_ARCHITECTURES = frozenset(_ARCHITECTURES) | frozenset(
    "386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm".split()
)

KNOWN_SYSTEMS = frozenset(
    "aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasi wasip1 windows".split()
)

# The order in which a list is written: what most people pull first, then by name.
_SYSTEM_ORDER = ("linux", "windows")
_ARCHITECTURE_ORDER = ("amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64")
# Newer 32-bit Arm first, as clients prefer it; elsewhere the baseline first, as podman takes the first match.
_ARM_ORDER = ("v8", "v7", "v6", "v5")

_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_SYSTEM = re.compile(
    rf"(?P<os>{_WORD.pattern})(?:\((?P<version>[A-Za-z0-9_.-]*)(?P<features>(?:\+{_WORD.pattern})*)\))?"
)


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform, with the fields that a descriptor and an image configuration share.

    Printed and parsed as `os[(os_version[+feature…])]/architecture[/variant]`: `linux/arm/v7`,
    `windows(10.0.20348.2402)/amd64`.
    """

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a platform as people write it and returns it normalised. An architecture alone means Linux.

        Raises UsageError.
        """
        parts = text.strip().split("/")
        if len(parts) == 1 or (len(parts) == 2 and parts[0].lower() in _KNOWN_ARCHITECTURES):
            parts = ["linux", *parts]
        system = _SYSTEM.fullmatch(parts[0])
        if not system or not 2 <= len(parts) <= 3 or not all(_WORD.fullmatch(word) for word in parts[1:]):
            what = text if text.strip() else "an empty platform"
            raise UsageError(what, "not a platform", "write it as os/architecture[/variant], such as linux/arm/v7")
        if parts[1].lower() in KNOWN_SYSTEMS:
            raise UsageError(text, "names a system but no architecture", f"write {parts[1].lower()}/amd64, say")
        features = tuple(part for part in (system["features"] or "").split("+") if part)
        variant = parts[2] if len(parts) == 3 else ""
        return cls(system["os"], parts[1], variant, system["version"] or "", features).normalized()

    def normalized(self) -> Self:
        """The one spelling of this platform: lower case, Go's names, and no variant where it says nothing.

        `arm64/v8` is `arm64`, `amd64/v1` is `amd64`, and `arm` without a variant is `arm/v7`.
        """
        os = _SYSTEMS.get(self.os.lower(), self.os.lower())
        architecture, variant = self.architecture.lower(), self.variant.lower()
        if architecture in _ARCHITECTURES:
            architecture, implied = _ARCHITECTURES[architecture]
            variant = variant or implied
        variant = _variant(architecture, variant)
        return replace(self, os=os, architecture=architecture, variant=variant)

    def spelled_out(self) -> Self:
        """This platform as it is if its names are standard ones, else normalised: only `x86_64` and its kind change."""
        names = (self.os, self.architecture, self.variant)
        standard = self.os not in _SYSTEMS and self.architecture not in _ARCHITECTURES
        return self if standard and all(name == name.lower() for name in names) else self.normalized()

    @property
    def word(self) -> str:
        """Architecture and variant in one word, as they stand in tags: `amd64`, `armv7`."""
        plain = self.normalized()
        return plain.architecture + plain.variant

    @property
    def machine(self) -> str:
        """The same word as `uname -m` spells it: `x86_64`, `aarch64`, `armv7l`."""
        plain = self.normalized()
        return _MACHINES.get((plain.architecture, plain.variant), self.word)

    @property
    def is_unknown(self) -> bool:
        """Whether this is the `unknown/unknown` that BuildKit gives to attestations."""
        return self.os == UNKNOWN and self.architecture == UNKNOWN

    def same_slot(self, other: "Platform") -> bool:
        """Whether a client cannot tell the two apart: one list must not offer both."""
        return self.slot == other.slot

    @property
    def slot(self) -> tuple[str, str, str, str, tuple[str, ...]]:
        """What has to be unique in a list, normalised. Windows releases differ by `os.version` alone."""
        plain = self.normalized()
        return plain.os, plain.architecture, plain.variant, plain.os_version, tuple(sorted(plain.os_features))

    def satisfies(self, wanted: "Platform") -> bool:
        """Whether this is what `wanted` names. An OS version or feature counts only if `wanted` has one."""
        mine, asked = self.normalized(), wanted.normalized()
        return (
            (mine.os, mine.architecture, mine.variant) == (asked.os, asked.architecture, asked.variant)
            and asked.os_version in ("", mine.os_version)
            and set(asked.os_features) <= set(mine.os_features)
        )

    @property
    def order(self) -> tuple[int | str | tuple[str, ...], ...]:
        """The sort key of a written list: linux/amd64 first, then the fixed order of `docs/concepts.md`."""
        plain = self.normalized()
        return (
            *_rank(plain.os, _SYSTEM_ORDER),
            *_rank(plain.architecture, _ARCHITECTURE_ORDER),
            *_rank(plain.variant, _ARM_ORDER if plain.architecture == "arm" else ("",)),
            plain.os_version,
            plain.os_features,
        )

    def __str__(self) -> str:
        details = "+".join((self.os_version, *self.os_features))
        system = f"{self.os}({details})" if details else self.os
        return "/".join(part for part in (system, self.architecture, self.variant) if part)


def _variant(architecture: str, variant: str) -> str:
    if architecture == "arm":
        return {"": "v7", "5": "v5", "6": "v6", "7": "v7", "8": "v8"}.get(variant, variant)
    if architecture == "arm64":
        return {"8": "", "v8": "", "v8.0": "", "8.0": "", "9": "v9", "9.0": "v9", "v9.0": "v9"}.get(variant, variant)
    if architecture == "amd64":
        return "" if variant == "v1" else variant
    return "" if architecture == "386" else variant


def _rank(name: str, order: tuple[str, ...]) -> tuple[int, str]:
    return (order.index(name) if name in order else len(order), name)
