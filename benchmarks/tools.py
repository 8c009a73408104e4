"""The programs that are compared, and how each of them is asked to do the same work."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# What `regtool create` imports, as `regtool.cli.process` has it done.
IMPORTS = (
    "import gc, os; gc.set_threshold(100_000); "
    "from regtool.cli.command import Command; Command.named('create'); os._exit(0)"
)
# skopeo remembers where it has put which blobs, and would mount them the second time. So it has nowhere to write that.
FORGETFUL = ("_CONTAINERS_ROOTLESS_UID=1", "XDG_DATA_HOME=/dev/null")
LOOP = "xargs -P16 -I{}"  # what people write to do many things at once


@dataclass(frozen=True, slots=True)
class Tool:
    """One program: its name in the tables, the file that has to be there, and what tells its version."""

    name: str
    program: str
    version: tuple[str, ...]

    @property
    def is_here(self) -> bool:
        """Whether it can be run on this machine."""
        return bool(shutil.which(self.program)) and version_of(self) is not None


REGTOOL = Tool("regtool", sys.executable, ("--version",))
PEERS = (
    Tool("docker manifest", "docker", ("--version",)),
    Tool("buildx imagetools", "docker", ("buildx", "version")),
    Tool("crane", "crane", ("version",)),
    Tool("regctl", "regctl", ("version", "--format", "{{.VCSTag}}")),
    Tool("oras", "oras", ("version",)),
    Tool("manifest-tool", "manifest-tool", ("--version",)),
    Tool("skopeo", "skopeo", ("--version",)),
    Tool("buildah", "buildah", ("--version",)),
)


def regtool(*words: str) -> tuple[str, ...]:
    """The command line of this checkout's regtool: the script of its environment, else the module."""
    script = Path(sys.executable).with_name("regtool")
    return (str(script), *words) if script.exists() else (sys.executable, "-m", "regtool", *words)


def version_of(tool: Tool) -> str | None:
    """What the program says of its version, in one line; None if it does not work."""
    command = regtool("--version") if tool is REGTOOL else (tool.program, *tool.version)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    line = next((line.strip() for line in done.stdout.splitlines() if line.strip()), "")
    return line if done.returncode == 0 else None


def shell(script: str) -> tuple[str, ...]:
    """A line of shell; what fails in it fails all of it."""
    return ("bash", "-euo", "pipefail", "-c", script)


def create(host: str, target: str, sources: list[str], mark: str) -> dict[str, tuple[str, ...]]:
    """Merging: `repository:tag` names at one host into `target` there, each tagged with its architecture.

    `mark` is a name nobody has used.
    """
    here, there = f"{host}/{target}", [f"{host}/{source}" for source in sources]
    listed = " ".join(there)
    architectures = [source.rpartition(":")[2] for source in sources]
    adding = " && ".join(f"buildah manifest add {mark} docker://{name} --tls-verify=false" for name in there)
    found = {
        "regtool": regtool("create", here, *there),
        "docker manifest": shell(
            f"docker manifest create --insecure {here} {listed} && docker manifest push --insecure --purge {here}"
        ),
        "buildx imagetools": ("docker", "buildx", "imagetools", "create", "-t", here, *there),
        "crane": ("crane", "index", "append", "-t", here, *(word for name in there for word in ("-m", name))),
        "regctl": ("regctl", *_plain(host), "index", "create", here, *(f"--ref={name}" for name in there)),
        "buildah": shell(
            f"buildah manifest create {mark} && {adding} "
            f"&& buildah manifest push --all --tls-verify=false {mark} docker://{here} && buildah manifest rm {mark}"
        ),
    }
    repository = target.rpartition(":")[0]
    if all(source.rpartition(":")[0] == repository for source in sources):
        found["oras"] = ("oras", "manifest", "index", "create", "--plain-http", here, *architectures)
        found["manifest-tool"] = (
            *("manifest-tool", "--plain-http", "push", "from-args", "--target", here),
            *("--platforms", ",".join(f"linux/{name}" for name in architectures)),
            *("--template", f"{host}/{repository}:ARCH"),
        )
    return found


def retag(host: str, source: str, tag: str) -> dict[str, tuple[str, ...]]:
    """A second tag for what `repository:tag` names."""
    here = f"{host}/{source}"
    there = f"{here.rpartition(':')[0]}:{tag}"
    return {
        "regtool": regtool("tag", here, tag),
        "buildx imagetools": ("docker", "buildx", "imagetools", "create", "-t", there, here),
        "crane": ("crane", "tag", here, tag),
        "regctl": ("regctl", *_plain(host), "image", "copy", here, there),
        "oras": ("oras", "tag", "--plain-http", here, tag),
        "skopeo": ("skopeo", "copy", "--all", *_skopeo_plain(), f"docker://{here}", f"docker://{there}"),
    }


def inspect(host: str, source: str) -> dict[str, tuple[str, ...]]:
    """Showing what a tag holds."""
    here = f"{host}/{source}"
    return {
        "regtool": regtool("inspect", here),
        "docker manifest": ("docker", "manifest", "inspect", "--insecure", here),
        "buildx imagetools": ("docker", "buildx", "imagetools", "inspect", here),
        "crane": ("crane", "manifest", here),
        "regctl": ("regctl", *_plain(host), "manifest", "get", here),
        "oras": ("oras", "manifest", "fetch", "--plain-http", here),
        "skopeo": ("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{here}"),
    }


def audit(host: str, repository: str, tags: int) -> dict[str, tuple[str, ...]]:
    """Looking at every tag of a repository; the peers know one tag at a time, so a shell has to go round.

    The peers read each list. So does the first row of regtool; the second one reads the images in them and their
    configurations as well. Nothing is kept from one run to the next. Beyond some hundred tags nobody waits for a loop
    that goes one by one, and beyond some thousand only for the quickest.
    """
    here = f"{host}/{repository}"
    each = f"crane ls {here} |"
    skopeo = f"skopeo inspect --raw --tls-verify=false docker://{here}:{{}}"
    found = {
        "regtool": regtool("audit", here, "--shallow", "--no-cache"),
        "regtool, images too": regtool("audit", here, "--no-cache"),
        "crane, 16 at once": shell(f"{each} {LOOP} crane manifest {here}:{{}}"),
    }
    if tags <= 2000:
        found["regctl, 16 at once"] = shell(f"{each} {LOOP} regctl {' '.join(_plain(host))} manifest get {here}:{{}}")
        found["skopeo, 16 at once"] = shell(f"{each} {LOOP} {skopeo}")
    if tags <= 100:
        found["crane, one by one"] = shell(f"{each} xargs -I{{}} crane manifest {here}:{{}}")
        found["skopeo, one by one"] = shell(f"{each} xargs -I{{}} {skopeo}")
        one = f"docker manifest inspect --insecure {here}:{{}}"
        found["docker manifest, one by one"] = shell(f"{each} xargs -I{{}} {one}")
    return found


def copy(host: str, source: str, other: str, target: str) -> dict[str, tuple[str, ...]]:
    """Copying an image with all its layers from one registry to another."""
    here, there = f"{host}/{source}", f"{other}/{target}"
    return {
        "regtool": regtool("copy", here, there),
        "crane": ("crane", "copy", here, there),
        "regctl": ("regctl", *_plain(host), *_plain(other), "image", "copy", here, there),
        "oras": ("oras", "copy", "--from-plain-http", "--to-plain-http", here, there),
        "skopeo": (
            "env",
            *FORGETFUL,
            "skopeo",
            "copy",
            "--all",
            *_skopeo_plain(),
            f"docker://{here}",
            f"docker://{there}",
        ),
    }


def copy_to_layout(host: str, source: str, folder: Path) -> dict[str, tuple[str, ...]]:
    """Copying an image into an OCI layout, each tool into a folder of its own."""
    here = f"{host}/{source}"
    return {
        "regtool": regtool("copy", here, f"oci:{folder}-regtool:1"),
        "crane": ("crane", "pull", "--format=oci", here, f"{folder}-crane"),
        "skopeo": ("skopeo", "copy", "--all", "--src-tls-verify=false", f"docker://{here}", f"oci:{folder}-skopeo:1"),
    }


def start_up() -> dict[str, tuple[str, ...]]:
    """Starting, and doing nothing."""
    return {
        "bare Python": (sys.executable, "-c", "pass"),
        "imports of regtool create": (sys.executable, "-c", IMPORTS),
        "regtool --version": regtool("--version"),
        "regtool --help": regtool("--help"),
        "regtool create --help": regtool("create", "--help"),
        **{f"{tool.name} version": (tool.program, *tool.version) for tool in PEERS},
    }


def program_of(name: str) -> str:
    """The program that a row of a table needs, by the name of the row."""
    return next((tool.name for tool in PEERS if name.startswith(tool.name)), "regtool")


def _plain(host: str) -> tuple[str, str]:
    return ("--host", f"reg={host},tls=disabled")


def _skopeo_plain() -> tuple[str, str]:
    return ("--src-tls-verify=false", "--dest-tls-verify=false")
