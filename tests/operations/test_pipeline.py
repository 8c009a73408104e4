"""A pipeline from end to end: runners that push when they are ready, and a merge step that may be killed any time."""

import asyncio
import json
import random
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

import pytest

from regtool import CreateRequest, Stores, create
from tests.images import push_image
from tests.operations.runner import merge_step, push_later, start
from tests.registries import RunningRegistry

RUNNERS = {
    "amd64": "amd64.attested.oci.tar",
    "arm64": "arm64.attested.oci.tar",
    "armv7": "armv7.oci.tar",
    "windows": "windows-amd64.oci.tar",
}
KILLS = 25  # on each of two registries
ACCEPT = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Published:
    """The three tags in two repositories, and what a client sees under them."""

    registry: RunningRegistry
    app: str
    mirror: str
    whole: set[tuple[str, str]] = field(default_factory=set)  # what was seen to be whole stays so: nothing is deleted

    @property
    def names(self) -> list[str]:
        host = self.registry.host
        return [f"{host}/{self.app}:1.0", f"{host}/{self.app}:latest", f"{host}/{self.mirror}:1.0"]

    def digests(self) -> list[str | None]:
        """What each tag shows; None for no such tag. Fails if something that a tag needs is not there."""
        return [self._whole(name) for name in ((self.app, "1.0"), (self.app, "latest"), (self.mirror, "1.0"))]

    def _whole(self, name: tuple[str, str]) -> str | None:
        repository, tag = name
        try:
            content, digest = self._get(repository, f"manifests/{tag}")
        except urllib.error.HTTPError as error:
            error.close()
            # distribution 2.8 rewrites a tag's file in place and answers 500 in that moment; all clients ask again.
            return self._whole(name) if error.code == 500 else None
        if (repository, digest) not in self.whole:
            for row in json.loads(content)["manifests"]:
                image = json.loads(self._get(repository, f"manifests/{row['digest']}")[0])
                for blob in (image["config"], *image["layers"]):
                    self._get(repository, f"blobs/{blob['digest']}")
            self.whole.add((repository, digest))
        return digest

    def _get(self, repository: str, path: str) -> tuple[bytes, str]:
        request = urllib.request.Request(f"{self.registry.url}/v2/{repository}/{path}", headers={"Accept": ACCEPT})
        with urllib.request.urlopen(request) as answer:
            return answer.read(), answer.headers.get("Docker-Content-Digest", "")


@pytest.fixture
def published(registry: RunningRegistry, repository: str) -> Published:
    return Published(registry, repository, f"{repository}-mirror")


def words(published: Published, *sources: str) -> list[str]:
    first, *more = published.names
    return ["create", first, *(word for name in more for word in ("-t", name)), *sources]


def test_four_runners_and_a_merge_step_that_waits_for_them(published: Published) -> None:
    registry, chance = published.registry, random.Random(4)
    sources = [f"{registry.host}/{published.app}:1.0-{name}" for name in RUNNERS]
    expected = "linux/amd64,linux/arm64,linux/arm/v7,windows/amd64"
    merging = start(merge_step, words(published, *sources, "--wait", "60s", "--expect", expected))
    runners = [
        start(push_later, 1.5 * chance.random(), registry.url, published.app, f"1.0-{name}", tar)
        for name, tar in RUNNERS.items()
    ]
    for process in (*runners, merging):
        process.join(60)

    assert [process.exitcode for process in (*runners, merging)] == [0] * 5
    (digest,) = set(published.digests())
    assert digest


async def test_killed_at_any_moment_it_leaves_each_tag_whole_and_the_next_run_finishes(published: Published) -> None:
    registry, chance = published.registry, random.Random(published.registry.url)
    for release in ("old", "new"):
        for architecture in ("amd64", "arm64", "arm", "s390x"):
            labels = {"org.opencontainers.image.revision": release}
            config = {"architecture": architecture}
            push_image(registry, published.app, f"{release}-{architecture}", config=config, labels=labels)
    sources = {
        release: [f"{registry.host}/{published.app}:{release}-{name}" for name in ("amd64", "arm64", "arm", "s390x")]
        for release in ("old", "new")
    }
    known: dict[str, str | None] = {}
    async with Stores() as stores:
        for release in ("old", "new", "old"):
            request = CreateRequest.parse(published.names[0], sources[release], tags=published.names[1:])
            known[release] = str((await create(request, stores)).plan.root.digest)
    start(merge_step, ["create", "--help"]).join(60)  # brings the fork server up, which is not to be measured
    started = time.monotonic()
    whole_run = start(merge_step, words(published, *sources["new"]))
    whole_run.join(60)
    length = time.monotonic() - started
    assert whole_run.exitcode == 0

    cut_off = 0
    before, after = "new", "old"
    for _ in range(KILLS):
        process = start(merge_step, words(published, *sources[after]))
        await asyncio.sleep(length * chance.uniform(0.2, 1.2))
        length *= 1.1 if process.is_alive() else 0.8  # how long a run takes changes with what else the machine does
        process.kill()
        process.join(60)
        seen = published.digests()
        assert set(seen) <= {known[before], known[after]}
        cut_off += process.exitcode != 0
        async with Stores() as stores:
            await create(CreateRequest.parse(published.names[0], sources[after], tags=published.names[1:]), stores)
        assert set(published.digests()) == {known[after]}
        before, after = after, before
    assert cut_off > KILLS / 5  # or the moments were too late to show anything
