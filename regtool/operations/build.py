"""`build`: for each platform `docker buildx build`, side by side, and one tag out of it."""

from collections.abc import Callable, Sequence
from typing import Self

from regtool.concurrency import each
from regtool.errors import UsageError
from regtool.model.digest import Digest
from regtool.model.platform import KNOWN_SYSTEMS, Platform
from regtool.model.reference import Repository
from regtool.operations.builder import Build, build, platforms_of
from regtool.operations.events import Listener, Note, ignore
from regtool.values import dataclass

Hear = Callable[[Platform, str], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value for every platform, or for one: `Dockerfile`, `linux/arm64=Dockerfile.arm`."""

    platform: Platform | None
    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `[PLATFORM=]VALUE`; what stands before the `=` is a platform only if it begins with a known system."""
        head, equals, value = text.partition("=")
        if equals and "/" in head and head.partition("/")[0].lower() in KNOWN_SYSTEMS:
            return cls(Platform.parse(head), value)
        return cls(None, text)

    def is_for(self, platform: Platform) -> bool:
        """Whether this counts for a platform."""
        return self.platform is None or platform.satisfies(self.platform)


def last_for(choices: Sequence[Choice], platform: Platform) -> str | None:
    """The value for a platform: the last one that names it, else the last one for all."""
    fitting = sorted(
        (choice for choice in choices if choice.is_for(platform)), key=lambda one: one.platform is not None
    )
    return fitting[-1].value if fitting else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to build for several platforms, each choice for all of them or, with `PLATFORM=`, for one.

    `files` may be patterns: `Dockerfile_{arch}` stands for `Dockerfile_amd64` and `Dockerfile_arm64`, `{uname}` for
    `x86_64` and `aarch64`.
    """

    platforms: tuple[Platform, ...]
    context: str = "."
    files: tuple[Choice, ...] = ()
    builders: tuple[Choice, ...] = ()
    arguments: tuple[Choice, ...] = ()
    options: tuple[str, ...] = ()
    insecure: bool = False

    @property
    def builds(self) -> tuple[Build, ...]:
        """One build for each platform. Raises UsageError."""
        if not self.platforms:
            raise UsageError("build", "no platform to build for", "name them by --platform linux/amd64,linux/arm64")
        return tuple(self._build(platform) for platform in self.platforms)

    def _build(self, platform: Platform) -> Build:
        file = last_for(self.files, platform)
        return Build(
            platform=platform,
            context=self.context,
            file=_filled(file, platform) if file else None,
            builder=last_for(self.builders, platform),
            arguments=tuple(choice.value for choice in self.arguments if choice.is_for(platform)),
            options=self.options,
        )


async def build_all(recipe: Recipe, target: Repository, hear: Hear, listen: Listener = ignore) -> list[Digest]:
    """Builds for every platform at once and returns what was pushed, in the order of the platforms.

    Says before anything is built which platforms the builders lack. Raises ProgramError.
    """
    builds = recipe.builds
    await _tell_lacking(builds, listen)

    async def one(work: Build) -> Digest:
        return await build(work, target, lambda line: hear(work.platform, line), insecure=recipe.insecure)

    return await each(one, builds)


async def _tell_lacking(builds: Sequence[Build], listen: Listener) -> None:
    """A build that only compiles across and copies needs no emulator, so what is lacking is told and not refused."""
    builders = list(dict.fromkeys(work.builder for work in builds))
    able = dict(zip(builders, await each(platforms_of, builders), strict=True))
    for work in builds:
        if not any(platform.satisfies(work.platform) for platform in able[work.builder]):
            offered = ", ".join(map(str, able[work.builder])) or "nothing"
            lacks = f"builder {work.builder or '(current)'} has {offered}, not {work.platform}"
            listen(
                Note(f"{lacks}: steps that run its programs will fail; --builder {work.platform}=NAME names another")
            )


def _filled(pattern: str, platform: Platform) -> str:
    names = {
        "os": platform.os,
        "arch": platform.architecture,
        "variant": platform.variant,
        "uname": platform.machine,
    }
    try:
        return pattern.format(**names)
    except (KeyError, ValueError, IndexError):
        known = ", ".join(f"{{{name}}}" for name in names)
        raise UsageError(f"--file {pattern}", "is no pattern", f"it may hold {known}") from None
