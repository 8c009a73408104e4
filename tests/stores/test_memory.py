"""What is particular to the store in memory; the rest is in the contract."""

import pytest

from regtool.documents.descriptor import Descriptor
from regtool.errors import ConflictError, ContentError, NotFoundError
from regtool.model.reference import Tag
from regtool.stores.memory import MemoryStore
from regtool.stores.protocols import Deletes, Lists, Mounts, Refers, TagsTogether
from tests.stores.samples import describe, image, put, put_image


@pytest.mark.parametrize("power", [TagsTogether, Lists, Deletes, Refers])
def test_it_has_every_power_but_mounting(power: type) -> None:
    assert isinstance(MemoryStore(), power)
    assert not isinstance(MemoryStore(), Mounts)


async def test_errors_name_the_store_and_the_thing() -> None:
    store = MemoryStore("here")

    with pytest.raises(NotFoundError, match=r"^here:1\.0: "):
        await store.manifest(Tag("1.0"))
    with pytest.raises(NotFoundError, match=f"^here@{image().digest}: "):
        await store.manifest(image().digest)
    with pytest.raises(ConflictError, match=f"^here@{image().digest}: names {describe(b'{}').digest}"):
        await store.put_manifest(image())


async def test_a_blob_is_not_handed_out_as_another_size() -> None:
    store = MemoryStore()
    await put(store, b"blob")
    wrong = Descriptor.read(describe(b"blob").as_json() | {"size": 5})

    with pytest.raises(ContentError, match="is 4 bytes, not the 5"):
        _ = [chunk async for chunk in store.blob(wrong)]


async def test_two_stores_share_nothing() -> None:
    one, other = MemoryStore(), MemoryStore()
    await one.tag(await put_image(one, b"layer"), Tag("1.0"))

    with pytest.raises(NotFoundError):
        await other.manifest(Tag("1.0"))
