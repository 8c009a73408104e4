"""What every store does, whatever is behind it. Each kind of store inherits these tests and brings a fixture `store`.

`StoreContract` is what all can. What only some can do is a class of its own, as the protocols are.
"""

from typing import Protocol

import pytest

from regtool.documents.descriptor import Descriptor
from regtool.errors import ConflictError, ContentError, NotFoundError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.stores.protocols import Deletes, Lists, Refers, Store, TagsTogether
from tests.stores.samples import content_of, describe, image, index, put, put_image

UNKNOWN = Digest("sha256", "0" * 64)
V1, V2 = Tag("1.0"), Tag("2.0")


class ListingStore(Store, Lists, Protocol):
    """A store that lists its tags."""


class TogetherStore(Store, Lists, TagsTogether, Protocol):
    """A store that may set several tags at once."""


class DeletingStore(Store, Lists, Deletes, Protocol):
    """A store that can forget."""


class ReferringStore(Store, Deletes, Refers, Protocol):
    """A store that knows referrers."""


async def read(store: Store, descriptor: Descriptor) -> bytes:
    return b"".join([chunk async for chunk in store.blob(descriptor)])


async def tags_of(store: Lists) -> list[str]:
    return sorted([tag.name async for tag in store.tags()])


class StoreContract:
    """Reading and writing."""

    @pytest.mark.parametrize("content", [b"", b"x", b"0123456789" * 500_000], ids=["empty", "small", "large"])
    async def test_a_blob_comes_back_as_it_was_put(self, store: Store, content: bytes) -> None:
        await put(store, content)

        assert await read(store, describe(content)) == content

    async def test_a_blob_may_be_put_again(self, store: Store) -> None:
        await put(store, b"blob", b"blob")

        assert await read(store, describe(b"blob")) == b"blob"

    async def test_a_store_knows_which_blobs_it_has(self, store: Store) -> None:
        await put(store, b"here")

        assert await store.has_blob(describe(b"here"))
        assert not await store.has_blob(describe(b"not here"))

    async def test_a_blob_that_is_not_there_is_not_found(self, store: Store) -> None:
        await put(store, b"another")

        with pytest.raises(NotFoundError):
            await read(store, describe(b"not here"))

    @pytest.mark.parametrize("sent", [b"", b"short", b"much longer than the right one", b"rigHt"])
    async def test_wrong_content_is_refused_and_not_kept(self, store: Store, sent: bytes) -> None:
        with pytest.raises(ContentError):
            await store.put_blob(describe(b"right"), content_of(sent))

        assert not await store.has_blob(describe(b"right"))

    async def test_a_manifest_comes_back_byte_for_byte(self, store: Store) -> None:
        manifest = await put_image(store, b"layer", extra={"unknown": [1, None]})

        found = await store.manifest(manifest.digest)

        assert (found.content, found.media_type, found.digest) == (
            manifest.content, manifest.media_type, manifest.digest,
        )  # fmt: skip
        assert await store.has_manifest(manifest.digest)

    async def test_a_manifest_is_described_without_being_read(self, store: Store) -> None:
        manifest = await put_image(store, b"layer")
        await store.tag(manifest, V1)

        for selector in (manifest.digest, V1):
            assert await store.resolve(selector) == manifest.descriptor

    async def test_a_list_comes_back_with_its_type(self, store: Store) -> None:
        whole = index(await put_image(store, b"a"), await put_image(store, b"b"))
        await store.tag(whole, V1)

        found = await store.manifest(V1)

        assert (found.content, found.media_type) == (whole.content, types.OCI_INDEX)

    async def test_a_tag_names_a_manifest_and_moves(self, store: Store) -> None:
        first, second = await put_image(store, b"first"), await put_image(store, b"second")

        await store.tag(first, V1)
        assert (await store.manifest(V1)).digest == first.digest
        await store.tag(second, V1)
        assert (await store.manifest(V1)).digest == second.digest
        assert (await store.manifest(first.digest)).content == first.content

    async def test_a_tag_stores_the_manifest_too(self, store: Store) -> None:
        await put(store, b"{}", b"layer")

        await store.tag(image(b"layer"), V1)

        assert (await store.manifest(image(b"layer").digest)).content == image(b"layer").content

    @pytest.mark.parametrize("selector", [V1, UNKNOWN])
    async def test_a_manifest_that_is_not_there_is_not_found(self, store: Store, selector: Tag | Digest) -> None:
        await store.tag(await put_image(store, b"another"), V2)

        with pytest.raises(NotFoundError):
            await store.manifest(selector)
        with pytest.raises(NotFoundError):
            await store.resolve(selector)
        assert not await store.has_manifest(UNKNOWN)

    async def test_an_empty_store_has_nothing(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            await store.manifest(V1)
        assert not await store.has_blob(describe(b"x"))
        assert not await store.has_manifest(UNKNOWN)

    async def test_a_manifest_needs_its_blobs(self, store: Store) -> None:
        await put(store, b"{}")

        with pytest.raises(ConflictError):
            await store.put_manifest(image(b"not here"))
        assert not await store.has_manifest(image(b"not here").digest)

    async def test_a_list_needs_its_children(self, store: Store) -> None:
        child = await put_image(store, b"here")

        with pytest.raises(ConflictError):
            await store.tag(index(child, image(b"not here")), V1)
        with pytest.raises(NotFoundError):
            await store.manifest(V1)

    async def test_a_subject_need_not_be_there(self, store: Store) -> None:
        manifest = await put_image(store, b"layer", subject=image(b"not here").descriptor.as_json())

        assert await store.has_manifest(manifest.digest)


class ListsContract:
    """Listing tags."""

    async def test_every_tag_is_listed(self, store: ListingStore) -> None:
        manifest = await put_image(store, b"layer")
        names = sorted(["a", "B", "0.1", "_x", "x" * 128])

        for name in names:
            await store.tag(manifest, Tag(name))

        assert await tags_of(store) == names

    async def test_a_manifest_without_a_tag_is_not_listed(self, store: ListingStore) -> None:
        await store.tag(await put_image(store, b"tagged"), V1)
        await put_image(store, b"untagged")

        assert await tags_of(store) == ["1.0"]

    async def test_what_does_not_exist_lists_nothing(self, store: ListingStore) -> None:
        with pytest.raises(NotFoundError):
            await tags_of(store)


class TogetherContract:
    """Setting several tags at once."""

    async def test_tags_are_set_together(self, store: TogetherStore) -> None:
        first, second = await put_image(store, b"first"), await put_image(store, b"second")
        await store.tag(first, V1)

        confirmed = await store.tag_together(second, [V1, V2])

        assert confirmed == {V1, V2}
        assert [(await store.manifest(tag)).digest for tag in (V1, V2)] == [second.digest] * 2
        assert await tags_of(store) == ["1.0", "2.0"]


class DeletesContract:
    """Deleting tags and manifests."""

    async def test_deleting_a_tag_leaves_the_manifest(self, store: DeletingStore) -> None:
        manifest = await put_image(store, b"layer")
        await store.tag(manifest, V1)
        await store.tag(manifest, V2)

        await store.delete_tag(V1)
        assert await tags_of(store) == ["2.0"]
        await store.delete_tag(V2)
        assert await tags_of(store) == []
        assert (await store.manifest(manifest.digest)).content == manifest.content

    async def test_deleting_a_manifest_takes_its_tags_along(self, store: DeletingStore) -> None:
        gone, kept = await put_image(store, b"gone"), await put_image(store, b"kept")
        for tag in (V1, V2):
            await store.tag(gone, tag)
        await store.tag(kept, Tag("3.0"))

        await store.delete_manifest(gone.digest)

        assert await tags_of(store) == ["3.0"]
        assert not await store.has_manifest(gone.digest)
        assert await store.has_manifest(kept.digest)

    async def test_what_is_not_there_cannot_be_deleted(self, store: DeletingStore) -> None:
        await store.tag(await put_image(store, b"layer"), V1)

        with pytest.raises(NotFoundError):
            await store.delete_tag(V2)
        with pytest.raises(NotFoundError):
            await store.delete_manifest(UNKNOWN)
        assert await tags_of(store) == ["1.0"]

    async def test_what_was_deleted_may_come_again(self, store: DeletingStore) -> None:
        manifest = await put_image(store, b"layer")
        await store.tag(manifest, V1)
        await store.delete_manifest(manifest.digest)

        await store.tag(manifest, V1)

        assert (await store.manifest(V1)).content == manifest.content


class RefersContract:
    """Knowing referrers."""

    async def test_a_referrer_is_listed_with_type_and_annotations(self, store: ReferringStore) -> None:
        subject = await put_image(store, b"subject")
        about = subject.descriptor.as_json()
        typed = await put_image(store, b"one", subject=about, artifactType="a/b", annotations={"k": "v"})
        plain = await put_image(store, b"two", subject=about)

        listed = {entry.digest: entry for entry in await store.referrers(subject.digest)}

        assert set(listed) == {typed.digest, plain.digest}
        assert (listed[typed.digest].artifact_type, listed[typed.digest].annotations) == ("a/b", {"k": "v"})
        assert listed[typed.digest].size == len(typed.content)
        assert listed[plain.digest].artifact_type == types.OCI_CONFIG

    async def test_a_list_may_be_a_referrer(self, store: ReferringStore) -> None:
        subject = await put_image(store, b"subject")
        about = index(subject=subject.descriptor.as_json())
        await store.put_manifest(about)

        assert [entry.digest for entry in await store.referrers(subject.digest)] == [about.digest]

    async def test_without_referrers_the_list_is_empty(self, store: ReferringStore) -> None:
        await put_image(store, b"layer")

        assert await store.referrers(UNKNOWN) == []

    async def test_a_deleted_referrer_is_no_longer_listed(self, store: ReferringStore) -> None:
        subject = await put_image(store, b"subject")
        about = await put_image(store, b"about", subject=subject.descriptor.as_json())
        assert await store.referrers(subject.digest)

        await store.delete_manifest(about.digest)

        assert await store.referrers(subject.digest) == []


class Sha512Contract:
    """Content that is named by SHA-512."""

    async def test_a_blob_may_be_named_by_sha512(self, store: Store) -> None:
        blob = describe(b"blob", algorithm="sha512")

        await store.put_blob(blob, content_of(b"blob"))

        assert await read(store, blob) == b"blob"

    async def test_sha512_is_verified(self, store: Store) -> None:
        blob = describe(b"blob", algorithm="sha512")

        with pytest.raises(ContentError):
            await store.put_blob(blob, content_of(b"bloB"))
