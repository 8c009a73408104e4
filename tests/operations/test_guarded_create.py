"""`create` with its guards, on real registries: what is read for them, and what is refused."""

import pytest

from regtool import ConflictError, CreateRequest, Guards, Platform, Seen, Stores, create, plan_create, publish
from regtool.errors import MovedError
from tests.images import push_image
from tests.judges import skopeo_inspect_raw
from tests.registries import RunningRegistry

REVISION, VERSION = "org.opencontainers.image.revision", "org.opencontainers.image.version"


@pytest.fixture
def name(registry: RunningRegistry, repository: str) -> str:
    for architecture in ("amd64", "arm64"):
        push_image(registry, repository, architecture, config={"architecture": architecture})
    return f"{registry.host}/{repository}"


def request(name: str, *sources: str, tags: tuple[str, ...] = (), **guards: object) -> CreateRequest:
    full = [source if "/" in source.partition("=")[0] else f"{name}:{source}" for source in sources]
    return CreateRequest.parse(f"{name}:1.0", full, tags=tags, guards=Guards(**guards))  # type: ignore[arg-type]


class TestShrink:
    async def test_a_tag_keeps_its_platforms_unless_told_otherwise(self, name: str, stores: Stores) -> None:
        whole = await create(request(name, "amd64", "arm64"), stores)
        with pytest.raises(ConflictError, match=r":1\.0: would lose linux/arm64, .*--allow-shrink"):
            await create(request(name, "amd64"), stores)
        assert skopeo_inspect_raw(f"{name}:1.0") == whole.plan.root.content

        await create(request(name, "amd64", allow_shrink=True), stores)
        assert skopeo_inspect_raw(f"{name}:1.0") != whole.plan.root.content

    async def test_every_tag_is_asked(self, name: str, stores: Stores) -> None:
        await create(request(name, "amd64", "arm64", tags=("latest",)), stores)
        await create(request(name, "amd64", allow_shrink=True), stores)

        with pytest.raises(ConflictError, match=":latest: would lose linux/arm64"):
            await create(request(name, "amd64", tags=("latest",)), stores)

    async def test_a_single_image_has_the_platform_of_its_configuration(
        self, registry: RunningRegistry, repository: str, name: str, stores: Stores
    ) -> None:
        push_image(registry, repository, "1.0", config={"architecture": "s390x"})
        with pytest.raises(ConflictError, match="would lose linux/s390x"):
            await create(request(name, "amd64"), stores)

    async def test_what_is_no_image_has_nothing_to_lose(
        self, registry: RunningRegistry, repository: str, name: str, stores: Stores
    ) -> None:
        push_image(registry, repository, "1.0", config_type="application/vnd.cncf.helm.config.v1+json")
        await create(request(name, "amd64"), stores)

        assert b'"amd64"' in skopeo_inspect_raw(f"{name}:1.0")

    async def test_a_tag_that_moves_between_plan_and_write_is_a_conflict(self, name: str, stores: Stores) -> None:
        await create(request(name, "amd64"), stores)
        slow = await plan_create(request(name, "amd64", "arm64"), stores)
        other = await create(request(name, "amd64", "arm64=linux/s390x"), stores)

        with pytest.raises(MovedError, match="meanwhile"):
            await publish(slow.plans, stores)
        assert skopeo_inspect_raw(f"{name}:1.0") == other.plan.root.content


class TestExpect:
    async def test_missing_and_surplus_are_refused_before_anything_is_written(self, name: str, stores: Stores) -> None:
        expect = (Platform.parse("amd64"), Platform.parse("s390x"))
        with pytest.raises(ConflictError, match="lacks linux/s390x and has linux/arm64, which --expect"):
            await create(request(name, "amd64", "arm64", expect=expect), stores)


class TestRevisions:
    @pytest.fixture
    def mixed(self, registry: RunningRegistry, repository: str) -> str:
        for architecture, revision in (("amd64", "abc"), ("arm64", "def")):
            config = {"architecture": architecture}
            push_image(registry, repository, architecture, config=config, labels={REVISION: revision})
        return f"{registry.host}/{repository}"

    async def test_single_images_of_two_commits_are_refused(self, mixed: str, stores: Stores) -> None:
        with pytest.raises(ConflictError, match="of revision abc, but .* of def"):
            await create(request(mixed, "amd64", "arm64"), stores)
        await create(request(mixed, "amd64", "arm64", allow_mixed_revisions=True), stores)

    async def test_images_within_lists_are_read_only_if_asked(self, mixed: str, stores: Stores) -> None:
        for tag in ("amd64", "arm64"):
            single = CreateRequest.parse(f"{mixed}:list-{tag}", [f"{mixed}:{tag}"])
            await create(single, stores)
        await plan_create(request(mixed, "list-amd64", "list-arm64"), stores)

        with pytest.raises(ConflictError, match="of revision abc, but .* of def"):
            await plan_create(request(mixed, "list-amd64", "list-arm64", same_revision=True), stores)

    async def test_an_image_that_does_not_say_is_refused_only_if_asked(self, name: str, stores: Stores) -> None:
        await plan_create(request(name, "amd64", "arm64"), stores)
        with pytest.raises(ConflictError, match="does not say its org.opencontainers.image.revision"):
            await plan_create(request(name, "amd64", "arm64", same_revision=True), stores)


class TestIfDigest:
    async def test_absent_is_for_the_first_time_alone(self, name: str, stores: Stores) -> None:
        absent = Seen(None)
        await create(request(name, "amd64", if_digest=absent), stores)
        again = await create(request(name, "amd64", if_digest=absent), stores)
        assert again.writes_nothing

        with pytest.raises(MovedError, match="not absent"):
            await create(request(name, "amd64", "arm64", if_digest=absent), stores)

    async def test_the_digest_that_was_seen_has_to_be_there_still(self, name: str, stores: Stores) -> None:
        seen = Seen((await create(request(name, "amd64"), stores)).plan.root.digest)
        await create(request(name, "amd64", "arm64", if_digest=seen), stores)

        with pytest.raises(MovedError, match=f"not {seen}"):
            await create(request(name, "amd64", "arm64", "arm64=linux/s390x", if_digest=seen), stores)

    async def test_it_is_asked_again_right_before_the_write(self, name: str, stores: Stores) -> None:
        slow = await plan_create(request(name, "amd64", if_digest=Seen(None)), stores)
        first = await create(request(name, "arm64"), stores)

        with pytest.raises(MovedError, match="moved from not existing"):
            await publish(slow.plans, stores)
        assert skopeo_inspect_raw(f"{name}:1.0") == first.plan.root.content


class TestNotOlder:
    def version(self, registry: RunningRegistry, repository: str, version: str, created: str) -> str:
        config = {"created": created}
        return push_image(registry, repository, f"v{version}", config=config, labels={VERSION: version})

    async def test_a_lower_version_is_refused_even_if_it_was_built_later(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        name = f"{registry.host}/{repository}"
        self.version(registry, repository, "1.10.0", "2026-11-23T00:00:00Z")
        self.version(registry, repository, "1.9.1", "2026-11-24T00:00:00Z")
        await create(request(name, "v1.10.0", not_older=True), stores)

        with pytest.raises(ConflictError, match=r"is at version 1\.10\.0, newer than 1\.9\.1"):
            await create(request(name, "v1.9.1", not_older=True), stores)
        await create(request(name, "v1.9.1"), stores)
        await create(request(name, "v1.10.0", not_older=True), stores)

    async def test_an_earlier_build_is_refused(
        self, registry: RunningRegistry, repository: str, stores: Stores
    ) -> None:
        name = f"{registry.host}/{repository}"
        self.version(registry, repository, "main", "2026-11-24T00:00:00Z")
        self.version(registry, repository, "late", "2026-11-23T00:00:00Z")
        await create(request(name, "vmain", not_older=True), stores)

        with pytest.raises(ConflictError, match="was built 2026-11-24 00:00:00"):
            await create(request(name, "vlate", not_older=True), stores)

    async def test_a_new_tag_is_older_than_nothing(self, name: str, stores: Stores) -> None:
        await create(request(name, "amd64", not_older=True), stores)
