"""What a place lacks of some manifests that lie elsewhere."""

from collections.abc import Sequence

from regtool.concurrency import each
from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ContentError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.model.reference import Place
from regtool.planning.plan import BlobMove
from regtool.stores.places import Stores
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """A manifest that the target will need, and the place that has it."""

    descriptor: Descriptor
    origin: Place


@dataclass(frozen=True, slots=True)
class Missing:
    """What has to be brought: blobs first, then manifests."""

    blobs: tuple[BlobMove, ...] = ()
    manifests: tuple[Manifest, ...] = ()


async def missing_from(
    target: Place, wanted: Sequence[Wanted], known: dict[Digest, Manifest], stores: Stores
) -> Missing:
    """What `target` lacks of these manifests. A manifest that is there has all that it needs, or it would not be.

    `known` are manifests read before, so that none is read twice.
    """
    elsewhere = list({one.descriptor.digest: one for one in wanted if one.origin != target}.values())
    there = await each(lambda one: stores.at(target).has_manifest(one.descriptor.digest), elsewhere)
    lacking = [one for one, present in zip(elsewhere, there, strict=True) if not present]
    manifests = await each(lambda one: _fetch(one, known, stores), lacking)
    moves = {
        blob.digest: BlobMove(blob, one.origin)
        for one, manifest in zip(lacking, manifests, strict=True)
        for blob in manifest.as_image().blobs
        if not blob.urls
    }
    return Missing(tuple(moves.values()), tuple(manifests))


async def _fetch(one: Wanted, known: dict[Digest, Manifest], stores: Stores) -> Manifest:
    digest = one.descriptor.digest
    if one.descriptor.media_type not in types.IMAGES:
        raise ContentError(str(one.origin.at(digest)), f"is {one.descriptor.media_type}, which cannot be moved")
    return known.get(digest) or await stores.at(one.origin).manifest(digest)
