"""Whatever an operator does, in whatever order: no list ever lacks a child, and undo leads back to the start."""

import asyncio
import json
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from regtool import (
    Digest,
    NotFoundError,
    Plan,
    Platform,
    Reference,
    Repository,
    Stores,
    Tag,
    TagRequest,
    plan_tag,
    publish,
)
from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ConflictError, UsageError
from regtool.model import media_type as types
from regtool.model.reference import Place
from regtool.operations.delete import delete
from regtool.operations.edit import EditRequest, plan_edit
from regtool.operations.inventory import take_inventory
from regtool.operations.journal import Journal
from regtool.operations.prune import PruneRequest, plan_prune
from regtool.operations.split import SplitRequest, plan_split
from regtool.operations.undo import plan_undo, undo_all
from regtool.planning.guards import Guards
from regtool.planning.plan import BlobMove, TagMove
from regtool.planning.retention import Retention
from regtool.stores.memory import MemoryStore

T = TypeVar("T")

PLACE = Repository("localhost:5000", "app")
PLATFORMS = ("linux/amd64", "linux/arm64", "linux/arm/v7")
LISTS = ("1.0", "latest")
VERSIONS = ("a", "b")


class MemoryStores(Stores):
    """Places that live as long as the test."""

    def __init__(self) -> None:
        super().__init__()
        self._memory: dict[Place, MemoryStore] = {}

    def at(self, place: Place) -> Any:
        return self._memory.setdefault(place, MemoryStore(str(place)))


def image(platform: str, version: str) -> tuple[Plan, str]:
    """The plan that pushes an image for a platform; the tag that it gets."""
    parsed = Platform.parse(platform)
    config = json.dumps(
        {"os": parsed.os, "architecture": parsed.architecture, "variant": parsed.variant, "x-version": version}
    ).encode()
    blob = Descriptor.of(types.OCI_CONFIG, Digest.of(config), len(config))
    document = {"schemaVersion": 2, "mediaType": types.OCI_MANIFEST, "config": blob.as_json(), "layers": []}
    root = Manifest.written(types.OCI_MANIFEST, json.dumps(document).encode(), platform)
    tag = Tag(f"{parsed.word}-{version}")
    return _push(root, tag, BlobMove(blob, config)), tag.name


def _push(root: Manifest, tag: Tag, *blobs: BlobMove) -> Plan:
    return Plan(PLACE, blobs, (), root, (TagMove(tag, root.digest, None),))


class Operator(RuleBasedStateMachine):
    """Somebody at work in one repository."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.stores = MemoryStores()
        self.loop = asyncio.Runner()
        self.first: dict[Tag, Digest] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    def journal(self, *, undoes: str | None = None) -> Journal:
        return Journal(Path(self.folder.name) / "journal.jsonl", "regtool", undoes=undoes)

    @initialize()
    def push(self) -> None:
        """Two versions of an image for each platform, each with a tag, and two lists of the first versions."""
        for platform in PLATFORMS:
            for version in VERSIONS:
                self.run(publish(image(platform, version)[0], self.stores))
        rows = [self._row(platform) for platform in PLATFORMS]
        document = {"schemaVersion": 2, "mediaType": types.OCI_INDEX, "manifests": rows}
        root = Manifest.written(types.OCI_INDEX, json.dumps(document).encode(), "list")
        for tag in LISTS:
            self.run(publish(_push(root, Tag(tag)), self.stores))
        self.first = self._tags()

    def _row(self, platform: str) -> dict[str, Any]:
        root = image(platform, "a")[0].root
        parsed = Platform.parse(platform)
        fields = {"os": parsed.os, "architecture": parsed.architecture}
        return {
            **root.descriptor.as_json(),
            "platform": fields | ({"variant": parsed.variant} if parsed.variant else {}),
        }

    def _tags(self) -> dict[Tag, Digest]:
        return dict(self.run(take_inventory(self.stores.at(PLACE))).tags)

    def _edit(self, tag: str, option: str, text: str) -> None:
        request = EditRequest.parse(f"{PLACE}:{tag}", {option: [text]})
        try:
            edition = self.run(plan_edit(request, self.stores))
        except (UsageError, ConflictError):
            return  # refused, as it should be: nothing matched, or nothing would be left
        self.run(publish(edition.plan, self.stores, journal=self.journal().moving))

    @rule(tag=some.sampled_from(LISTS), platform=some.sampled_from(PLATFORMS), version=some.sampled_from(VERSIONS))
    def set_a_leg(self, tag: str, platform: str, version: str) -> None:
        self._edit(tag, "--set", f"{platform}={PLACE}:{image(platform, version)[1]}")

    @rule(tag=some.sampled_from(LISTS), platform=some.sampled_from(PLATFORMS))
    def remove_a_leg(self, tag: str, platform: str) -> None:
        self._edit(tag, "--remove", platform)

    @rule(tag=some.sampled_from(LISTS), value=some.sampled_from("xy"))
    def annotate(self, tag: str, value: str) -> None:
        self._edit(tag, "--annotation", f"key={value}")

    @rule(tag=some.sampled_from(LISTS))
    def split(self, tag: str) -> None:
        plans = self.run(plan_split(SplitRequest.parse(f"{PLACE}:{tag}"), self.stores))
        self.run(publish(plans, self.stores, journal=self.journal().moving))

    @rule(source=some.sampled_from(LISTS), tags=some.lists(some.sampled_from((*LISTS, "stable")), min_size=1))
    def tag(self, source: str, tags: list[str]) -> None:
        plan = self.run(
            plan_tag(TagRequest.parse(f"{PLACE}:{source}", tags, guards=Guards(allow_shrink=True)), self.stores)
        )
        self.run(publish(plan, self.stores, journal=self.journal().moving))

    @rule(tag=some.one_of(some.none(), some.sampled_from((*LISTS, "stable"))))
    def undo(self, tag: str | None) -> None:
        reference = PLACE.at(Tag(tag)) if tag else None
        try:
            self._undo(reference)
        except NotFoundError:
            return  # nothing to undo

    @rule()
    def prune(self) -> None:
        request = PruneRequest(place=PLACE, rule=Retention(), untagged=True)
        pruning = self.run(plan_prune(request, self.stores, self.journal().records(), datetime.now(UTC)))
        self.run(delete(pruning.removal, self.stores, journal=self.journal().removing))

    def _undo(self, reference: Reference | None) -> None:
        undoing = self.run(plan_undo(self.journal().records(), reference, self.stores))
        journal = self.journal(undoes=undoing.records[0].run)
        self.run(undo_all(undoing, self.stores, lambda _: None, journal))

    @invariant()
    def no_list_lacks_a_child(self) -> None:
        assert self.run(take_inventory(self.stores.at(PLACE))).unread == frozenset()

    def teardown(self) -> None:
        try:
            while self.first:
                self._undo(None)
        except NotFoundError:
            assert self._tags() == self.first
        finally:
            self.loop.close()
            self.folder.cleanup()


TestOperator = Operator.TestCase
TestOperator.settings = settings(max_examples=40, stateful_step_count=30)
