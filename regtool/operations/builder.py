"""`docker buildx` as a builder: asked what it can build, and told to build one image and push it by digest.

This is the only module that runs it. A build's own output goes line by line to the listener.
"""

import asyncio
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from regtool.errors import ProgramError
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Repository
from regtool.values import dataclass

Hear = Callable[[str], None]

_PLATFORMS = re.compile(r"^\s*Platforms:\s*(.*)$", re.MULTILINE)
# What docker says of a command that it does not have depends on its version and on the flags behind the command.
_NO_BUILDX = re.compile(r"unknown command: docker buildx|'buildx' is not a docker command|Usage: +docker \[OPTIONS\]")
_LONGEST_LINE = 1024 * 1024  # bytes; a progress line of a chatty compiler can be long


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One image to build: for which platform, from what, where. `arguments` are build arguments, `KEY=VALUE`."""

    platform: Platform
    context: str = "."
    file: str | None = None
    builder: str | None = None
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()  # further words for `docker buildx build`, as they are


async def platforms_of(builder: str | None) -> tuple[Platform, ...]:
    """What a builder can build, its emulators included; starts it if it is not running. Raises ProgramError."""
    words = ["buildx", "inspect", "--bootstrap", *([builder] if builder else [])]
    said: list[str] = []
    if await _run(words, said.append):
        if any(_NO_BUILDX.search(line) for line in said):
            raise ProgramError(
                "docker buildx", "is not installed", "add the plugin: https://docs.docker.com/go/buildx/"
            )
        reason = said[-1].removeprefix("ERROR: ") if said else "it did not say why"
        raise ProgramError(f"builder {builder or '(current)'}", reason, "`docker buildx ls` lists the builders")
    found = ",".join(_PLATFORMS.findall("\n".join(said)))
    names = (name.strip().rstrip("*") for name in found.split(","))
    return tuple(dict.fromkeys(Platform.parse(name) for name in names if name))


async def build(work: Build, target: Repository, hear: Hear, *, insecure: bool = False) -> Digest:
    """Builds one image, pushes it to `target` without a tag, and returns its digest. Raises ProgramError.

    With provenance, which is the default, the digest is that of an index of the image and its attestation.
    """
    with tempfile.TemporaryDirectory(prefix="regtool-build-") as folder:
        metadata = Path(folder) / "metadata.json"
        last = ""

        def overhear(line: str) -> None:
            nonlocal last
            last = line or last
            hear(line)

        failed = await _run(_words(work, target, metadata, insecure=insecure), overhear)
        if failed:
            raise ProgramError(
                f"build for {work.platform}", f"docker buildx build ended with {failed}: {last.removeprefix('ERROR: ')}"
            )
        return _pushed(metadata, work)


def _words(work: Build, target: Repository, metadata: Path, *, insecure: bool) -> list[str]:
    output = f"type=image,name={target},push-by-digest=true,name-canonical=true,push=true"
    output += ",registry.insecure=true" if insecure else ""
    words = ["buildx", "build", "--progress", "plain", "--platform", str(work.platform)]
    words += ["--output", output, "--metadata-file", str(metadata)]
    words += ["--builder", work.builder] if work.builder else []
    words += ["--file", work.file] if work.file else []
    for argument in work.arguments:
        words += ["--build-arg", argument]
    return [*words, *work.options, work.context]


def _pushed(metadata: Path, work: Build) -> Digest:
    try:
        return Digest.parse(json.loads(metadata.read_bytes())["containerimage.digest"])
    except (OSError, ValueError, KeyError, TypeError):
        what = f"build for {work.platform}"
        raise ProgramError(what, "docker buildx build did not say what it pushed", "it takes buildx 0.10") from None


async def _run(words: Sequence[str], hear: Hear) -> int:
    """Runs `docker` and hears both its streams line by line; a cancelled run ends the program, too."""
    docker = shutil.which("docker")
    if not docker:
        raise ProgramError("docker", "is not installed", "regtool build runs `docker buildx build`")
    process = await asyncio.create_subprocess_exec(
        docker,
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=_LONGEST_LINE,
    )
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            hear(line.decode(errors="replace").rstrip())
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
