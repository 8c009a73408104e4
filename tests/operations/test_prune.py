"""`prune` on real registries: what nothing needs goes, and not one byte besides."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from regtool import ConflictError, Digest, Reference, Stores, TagRequest, UsageError, plan_tag, publish, tag
from regtool.errors import NotFoundError
from regtool.model.reference import Repository, Tag
from regtool.operations.delete import delete
from regtool.operations.journal import Journal, Record
from regtool.operations.prune import PruneRequest, Pruning, plan_prune
from regtool.planning.retention import Retention
from regtool.stores.needs import needs
from tests.images import OCI_INDEX, entry, push_document, push_image, push_index
from tests.judges import answer_of, skopeo_inspect_raw
from tests.registries import FIXTURES, RunningRegistry, distribution

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Bytes = dict[str, bytes]


class Yard:
    """A repository that is to be pruned, with what operators leave in one."""

    def __init__(self, registry: RunningRegistry, repository: str, stores: Stores) -> None:
        self.registry, self.repository, self.stores = registry, repository, stores
        self.place = Repository(registry.host, repository)

    def image(self, tag: str, day: int, layer: str = "", **fields: Any) -> dict[str, Any]:
        """Pushes an image made on that day of May 2026, and returns its row for a list."""
        made = f"2026-05-{day:02}T00:00:00Z"
        digest = push_image(
            self.registry, self.repository, tag, config={"created": made}, layer=(layer or tag).encode()
        )
        if fields:
            document = json.loads(self.raw(tag)) | fields
            digest = push_document(self.registry, self.repository, tag, document)
        return entry(digest, len(self.raw(tag)), {"os": "linux", "architecture": "amd64"})

    def list(self, tag: str, *rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Pushes a list, and returns its row for another list."""
        digest = push_index(self.registry, self.repository, tag, list(rows), **fields)
        return entry(digest, len(self.raw(tag)), mediaType=OCI_INDEX)

    def raw(self, tag: str) -> bytes:
        return skopeo_inspect_raw(f"{self.place}:{tag}")

    async def tags(self) -> dict[str, str]:
        store = self.stores.at(self.place)
        return {tag.name: str((await store.resolve(tag)).digest) async for tag in store.tags()}

    async def plan(self, records: Iterable[Record] = (), **words: Any) -> Pruning:
        rule = Retention(**{key: words.pop(key) for key in ("keep", "older", "tags") if key in words})
        request = PruneRequest(place=self.place, rule=rule, dummy=True, **words)
        return await plan_prune(request, self.stores, list(records), NOW)

    async def prune(self, records: Iterable[Record] = (), **words: Any) -> Pruning:
        pruning = await self.plan(records, **words)
        await delete(pruning.removal, self.stores)
        return pruning

    async def everything(self, *tags: str) -> Bytes:
        """All that a client may ever ask for behind these tags: manifests, configurations, layers, however deep."""
        store = self.stores.at(self.place)
        found: Bytes = {}
        waiting: list[Tag | Digest] = [Tag(tag) for tag in tags]
        while waiting:
            manifest = await store.manifest(waiting.pop())
            found[str(manifest.digest)] = manifest.content
            if manifest.is_index:
                waiting += [row.digest for row in needs(manifest)]
            else:
                for blob in needs(manifest):
                    found[str(blob.digest)] = b"".join([chunk async for chunk in store.blob(blob)])
        return found

    async def is_there(self, digest: str) -> bool:
        return await self.stores.at(self.place).has_manifest(Digest.parse(digest))


@pytest.fixture
def yard(registry: RunningRegistry, repository: str, stores: Stores) -> Yard:
    return Yard(registry, repository, stores)


def full(yard: Yard) -> tuple[list[str], list[str]]:
    """Lists that share children, are nested, have attestations, referrers, companions. What stays, and what falls."""
    shared, old, new = yard.image("shared", 1), yard.image("old-amd64", 2), yard.image("new-amd64", 20)
    proof = yard.image("proof", 2, subject={key: old[key] for key in ("mediaType", "digest", "size")})
    yard.list("1.0", old, shared, proof)
    inner = yard.list("2.0", new, shared)
    outer = yard.list("all", inner)
    sbom = yard.image("sbom", 3, subject={key: outer[key] for key in ("mediaType", "digest", "size")})
    yard.list(Digest.parse(outer["digest"]).as_tag, sbom)
    yard.image(f"{Digest.parse(inner['digest']).as_tag}.sig", 3)
    yard.image(f"{Digest.parse(old['digest']).as_tag}.sig", 3)
    return ["2.0", "all", "sbom"], ["1.0", "old-amd64", "proof"]


async def test_what_stays_is_whole_to_the_last_byte(yard: Yard) -> None:
    stay, fall = full(yard)
    companions = [tag for tag in await yard.tags() if tag.startswith("sha256-")]
    live = [tag for tag in companions if not tag.startswith(Digest.parse((await yard.tags())["old-amd64"]).as_tag)]
    before = await yard.everything(*stay, *live, "shared", "new-amd64")
    gone = [(await yard.tags())[tag] for tag in fall]
    pruning = await yard.prune(older=timedelta(days=1), tags=tuple(fall))

    assert await yard.everything(*stay, *live, "shared", "new-amd64") == before
    assert sorted(await yard.tags()) == sorted([*stay, *live, "shared", "new-amd64"])
    assert not any([await yard.is_there(digest) for digest in gone])
    assert len(pruning.removal.manifests) == 4  # the list, its image and attestation, and the signature of the image


async def test_a_registrys_garbage_collection_afterwards_finds_all_that_stays(
    tmp_path: Path, repository: str, stores: Stores
) -> None:
    with distribution(tmp_path) as running:
        yard = Yard(running, repository, stores)
        stay, fall = full(yard)
        await yard.prune(older=timedelta(days=1), tags=tuple(fall))
        before = await yard.everything(*await yard.tags())
        answer_of("docker-registry", "garbage-collect", str(tmp_path / "config.yml"))

        assert await yard.everything(*await yard.tags()) == before
        assert set(stay) <= set(await yard.tags())


async def test_the_newest_are_kept(yard: Yard) -> None:
    for day in (3, 1, 4, 2, 5):
        yard.image(f"pr-{day}", day)
    yard.image("1.0", 1, "other")
    pruning = await yard.prune(keep=2, tags=("pr-*",))

    assert sorted(await yard.tags()) == ["1.0", "pr-4", "pr-5"]
    assert pruning.kept == 3


async def test_an_image_with_another_tag_loses_the_old_one_alone(yard: Yard) -> None:
    old = yard.image("pr-1", 1)
    yard.image("pr-2", 2)
    await tag(TagRequest.parse(f"{yard.place}:pr-1", ["released"]), yard.stores)
    await yard.prune(keep=1, tags=("pr-*",))

    assert await yard.tags() == {"pr-2": (await yard.tags())["pr-2"], "released": old["digest"]}


async def test_an_image_that_does_not_say_when_it_was_made_stays(yard: Yard) -> None:
    push_image(yard.registry, yard.repository, "undated")
    push_image(yard.registry, yard.repository, "epoch", config={"created": "1970-01-01T00:00:00Z"}, layer=b"epoch")
    pruning = await yard.prune(older=timedelta(days=1))

    assert [tag.name for tag in pruning.undated] == ["epoch", "undated"]
    assert pruning.removal.is_empty


async def test_untagged_manifests_go_where_the_registry_tells_them(
    embedded_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    yard = Yard(embedded_registry, repository, stores)
    first = yard.image("1.0", 1, "first")
    child = yard.image("child", 1)
    kept = yard.list("list", child)
    yard.image("1.0", 2, "second")
    await yard.stores.at(yard.place).delete_tag(Tag("child"))
    pruning = await yard.prune(untagged=True)

    assert [str(one.digest) for one in pruning.removal.manifests] == [first["digest"]]
    assert await yard.is_there(child["digest"])
    assert await yard.is_there(kept["digest"])


async def test_what_refers_to_an_untagged_manifest_goes_with_it_by_the_registrys_api(
    embedded_registry: RunningRegistry, repository: str, stores: Stores
) -> None:
    yard = Yard(embedded_registry, repository, stores)
    old = yard.image("pr-1", 1)
    yard.image("sbom", 1, subject={key: old[key] for key in ("mediaType", "digest", "size")})
    sbom = (await yard.tags())["sbom"]
    await yard.stores.at(yard.place).delete_tag(Tag("sbom"))
    yard.image("pr-2", 2)
    await yard.prune(keep=1, tags=("pr-*",))

    assert not await yard.is_there(sbom)
    assert not await yard.is_there(old["digest"])


async def test_a_tagged_referrer_keeps_what_it_is_about(yard: Yard) -> None:
    old = yard.image("pr-1", 1)
    yard.image("sbom", 1, subject={key: old[key] for key in ("mediaType", "digest", "size")})
    yard.image("pr-2", 2)
    await yard.prune(keep=1, tags=("pr-*",))

    assert await yard.is_there(old["digest"])
    assert sorted(await yard.tags()) == ["pr-2", "sbom"]


async def test_what_undo_could_bring_back_stays_until_it_is_forgotten(yard: Yard, tmp_path: Path) -> None:
    old = yard.image("1.0", 1, "first")
    yard.image("next", 2)
    journal = Journal(tmp_path / "journal.jsonl", "regtool tag")
    plan = await plan_tag(TagRequest.parse(f"{yard.place}:next", ["1.0"]), yard.stores)
    await publish(plan, yard.stores, journal=journal.moving)

    assert (await yard.prune(journal.records(), untagged=True)).removal.is_empty
    await yard.prune(journal.records(), untagged=True, forget=True)
    assert not await yard.is_there(old["digest"])


async def test_a_tag_that_moves_meanwhile_stops_it(yard: Yard) -> None:
    yard.image("pr-1", 1)
    yard.image("pr-2", 2)
    pruning = await yard.plan(keep=1)
    await tag(TagRequest.parse(f"{yard.place}:pr-2", ["pr-1"]), yard.stores)
    with pytest.raises(ConflictError, match="meanwhile"):
        await delete(pruning.removal, yard.stores)

    assert sorted(await yard.tags()) == ["pr-1", "pr-2"]


async def test_a_tag_that_comes_meanwhile_stops_it(yard: Yard) -> None:
    yard.image("pr-1", 1)
    yard.image("pr-2", 2)
    pruning = await yard.plan(keep=1)
    await tag(TagRequest.parse(f"{yard.place}:pr-1", ["released"]), yard.stores)
    with pytest.raises(ConflictError, match=r"released: came, at .* meanwhile"):
        await delete(pruning.removal, yard.stores)

    assert sorted(await yard.tags()) == ["pr-1", "pr-2", "released"]


def test_without_a_rule_nothing_is_pruned() -> None:
    with pytest.raises(UsageError, match="nothing says what may go"):
        PruneRequest(place=Repository("localhost:5000", "app"), rule=Retention())


async def test_a_repository_that_is_not_there_is_an_error(registry: RunningRegistry, stores: Stores) -> None:
    request = PruneRequest(place=Reference.parse(f"{registry.host}/nope:1").place, rule=Retention(keep=1))
    with pytest.raises(NotFoundError):
        await plan_prune(request, stores, [], NOW)


async def test_nothing_is_planned_for_an_archive(stores: Stores) -> None:
    place = Reference.parse(f"oci-archive:{FIXTURES}/buildx/amd64.oci.tar").place

    with pytest.raises(ConflictError, match="nothing is deleted from an archive"):
        await plan_prune(PruneRequest(place=place, rule=Retention(keep=1)), stores, [], NOW)
