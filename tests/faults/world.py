"""One row's world: a real registry with two images and a tag, a faulty proxy before it, and regtool."""

import asyncio
import hashlib
import json
import os
import re
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regtool.errors import RegtoolError
from regtool.model import media_type as types
from regtool.operations.create import create, plan_create
from regtool.operations.create_request import CreateRequest
from regtool.operations.events import Event
from regtool.planning.guards import Guards
from regtool.stores.places import Stores
from regtool.transport.clock import Clock
from regtool.transport.network import Network
from tests.faults.proxy import FaultyProxy
from tests.images import push_document, push_image
from tests.registries import RunningRegistry
from tests.transport.fixtures import VirtualClock, bare

ARCHITECTURES = ("amd64", "arm64")
TAG = "1.0"
_REF_NAME = "org.opencontainers.image.ref.name"
# What the proxy sees of a `create`, in its order.
READ = "GET .*/manifests/amd64"
CONFIG = "GET .*/blobs/"
TARGET = f"GET .*/manifests/{TAG}$"
LOOK = f"HEAD .*/manifests/{TAG}$"
WRITE = f"PUT .*/manifests/{TAG}$"
LAYER = "GET .*/blobs/LAYER"  # the layer of the first image


@dataclass(frozen=True)
class Outcome:
    """What a user sees of a run: the exit code, and the line."""

    code: int
    message: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    """Everything that a row may turn. `host` is where regtool believes its registry."""

    registry: RunningRegistry
    proxy: FaultyProxy
    repository: str
    folder: Path
    stack: AsyncExitStack
    host: str = ""
    target: str = ""  # another repository to write to, if it is not the one of the images
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # others than the two images
    guards: Guards = field(default_factory=Guards)
    settings: dict[str, Any] = field(default_factory=dict)
    network: Network | None = None
    clock: Clock = field(default_factory=VirtualClock)
    told: list[Any] = field(default_factory=list)
    expected: str = ""  # the digest of the list that a create makes
    layer: str = ""  # that of the layer of the first image
    outcome: Outcome = Outcome(0)
    storage: FaultyProxy | None = None  # where blobs lie, if not in the registry
    service: object = None  # the token server
    limit: str = ""  # what the shell sets before it runs the program, as a script that ends with "$@"

    async def create(self) -> Outcome:
        """Merges the images under the tag, as `regtool create` does."""
        source, target = f"{self.host}/{self.repository}", self.target or f"{self.host}/{self.repository}"

        async def work(stores: Stores) -> None:
            sources = self.sources or [f"{source}:{architecture}" for architecture in ARCHITECTURES]
            request = CreateRequest.parse(f"{target}:{TAG}", sources, tags=self.tags, guards=self.guards)
            await create(request, stores, self.hear)

        return await self.run(work)

    async def run(self, work: Callable[[Stores], Awaitable[object]]) -> Outcome:
        """Runs some work to its end, whatever that is."""
        try:
            async with self.stores() as stores:
                await work(stores)
        except RegtoolError as error:
            return Outcome(error.exit_code, self.plain(str(error)), error.tags)
        return Outcome(0)

    async def program(self, *words: str, **environment: str) -> Outcome:
        """Runs the program with these words."""
        return await self.end(await self.start(*words, **environment))

    async def start(self, *words: str, **environment: str) -> asyncio.subprocess.Process:
        """Starts the program."""
        command = [sys.executable, "-m", "regtool", *words]
        if self.limit:
            command = ["bash", "-c", self.limit, "bash", *command]
        return await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1", **environment},
        )  # fmt: skip

    async def end(self, process: asyncio.subprocess.Process) -> Outcome:
        """Waits for the program, and gives its exit code, its line, and what it says of each tag."""
        _, told = await process.communicate()
        assert process.returncode is not None
        lines = told.decode().splitlines()
        tags = dict(re.split(r"  +", line.strip(), maxsplit=1) for line in lines if re.match(r"  \S+:\S+  +\S", line))
        return Outcome(process.returncode, self.line(told.decode()), tags)

    def words(self) -> list[str]:
        """The words of the command line for the same create."""
        images = [f"{self.host}/{self.repository}:{architecture}" for architecture in ARCHITECTURES]
        return ["create", f"{self.target or f'{self.host}/{self.repository}'}:{TAG}", *images]

    def stores(self) -> Stores:
        """The stores of one run."""
        return Stores(bare(**self.settings), self.told.append, clock=self.clock, network=self.network)

    def hear(self, event: Event) -> None:
        """Hears what an operation tells."""
        self.told.append(event)

    def plain(self, text: str) -> str:
        """A message with the names of every run in place of those of this one."""
        for name, plain in ((self.repository, "app"), (self.registry.host, "ORIGIN"), (self.proxy.host, "HOST")):
            text = text.replace(name, plain)
        text = text.replace(str(self.folder), "/dir")
        text = re.sub(r"sha256:[0-9a-f]{64}", "sha256:…", text)
        return re.sub(r"(127\.0\.0\.1|localhost):\d+", "OTHER", text)

    def line(self, told: str) -> str:
        """The line that says what went wrong, of all that a program told."""
        lines = [line for line in told.splitlines() if line.startswith("regtool: ")]
        return self.plain(lines[-1].removeprefix("regtool: ")) if lines else ""

    def now(self, tag: str = TAG) -> str | None:
        """What a tag of the target really is, past the proxy; None if it does not exist."""
        scheme, _, path = self.target.partition(":")
        if scheme in ("oci", "oci-archive"):
            return _tags_of(Path(path)).get(tag)
        _, _, path = self.target.partition("/")
        content = self.fetch(f"manifests/{tag}", path or self.repository)
        return None if content is None else f"sha256:{hashlib.sha256(content).hexdigest()}"

    def fetch(self, what: str, repository: str = "") -> bytes | None:
        """Something of the registry, past the proxy."""
        url = f"{self.registry.url}/v2/{repository or self.repository}/{what}"
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, headers={"Accept": ",".join(types.ACCEPTED)})
            ) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as refusal:
            refusal.close()
            return None

    def heal(self) -> None:
        """Takes the fault away."""
        self.proxy.heal()
        self.limit = ""
        self.settings.pop("timeout", None)

    def restore(self, content: bytes) -> None:
        """Puts the tag back to what it was."""
        push_document(self.registry, self.repository, TAG, json.loads(content))

    def move(self, tag: str = TAG) -> str:
        """Moves a tag as another job would, and returns what it is now."""
        document = {"schemaVersion": 2, "mediaType": types.OCI_INDEX, "manifests": [], "annotations": {"by": "another"}}
        return push_document(self.registry, self.repository, tag, document)


@asynccontextmanager
async def a_world(registry: RunningRegistry, layer: int = 64) -> AsyncIterator[World]:
    """A world with images whose layers have this size, and a tag that holds the first of them alone."""
    repository = f"faults/{uuid.uuid4().hex[:12]}"
    for architecture in ARCHITECTURES:
        content = hashlib.sha256(architecture.encode()).digest() * (layer // 32)
        push_image(registry, repository, architecture, config={"architecture": architecture}, layer=content)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="regtool-")))
        proxy = await stack.enter_async_context(FaultyProxy(registry.host))
        world = World(registry, proxy, repository, folder, stack, proxy.host)
        world.layer = document_of(world, "amd64")["layers"][0]["digest"]
        await _publish_old(world)
        yield world


async def _publish_old(world: World) -> None:
    place = f"{world.registry.host}/{world.repository}"
    async with Stores(bare()) as stores:
        await create(CreateRequest.parse(f"{place}:{TAG}", [f"{place}:amd64"]), stores)
        both = await plan_create(CreateRequest.parse(f"{place}:{TAG}", _sources(place)), stores)
    world.expected = str(both.plan.root.digest)


def _sources(place: str) -> Sequence[str]:
    return [f"{place}:{architecture}" for architecture in ARCHITECTURES]


def _tags_of(layout: Path) -> dict[str, str]:
    """The tags of an OCI layout or archive, none if there is none."""
    if layout.is_file():
        with tarfile.open(layout) as archive:
            index = archive.extractfile("index.json")
            content = index.read() if index else b""
    else:
        content = (layout / "index.json").read_bytes() if (layout / "index.json").exists() else b""
    entries = json.loads(content)["manifests"] if content else []
    named = {entry.get("annotations", {}).get(_REF_NAME): entry["digest"] for entry in entries}
    return {name: digest for name, digest in named.items() if name}


def document_of(world: World, tag: str) -> Any:
    """A manifest of the world as JSON."""
    return json.loads(world.fetch(f"manifests/{tag}") or b"null")
