"""What another place can bring of what a list's own place lacks."""

from collections.abc import Iterable
from dataclasses import field, replace

from regtool.concurrency import each
from regtool.model.digest import Digest
from regtool.model.reference import Place
from regtool.operations.audit.look import Observer
from regtool.operations.transfer import Wanted
from regtool.planning.plan import BlobMove
from regtool.planning.rules.facts import Child, Facts, Leg
from regtool.stores.places import Stores
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Supply:
    """What can be brought: whole images, and blobs of images that are here. `children` are those rows afterwards."""

    children: dict[Digest, Child] = field(default_factory=dict)
    manifests: tuple[Wanted, ...] = ()
    blobs: tuple[BlobMove, ...] = ()


async def supply_for(facts: Facts, origin: Place, observer: Observer, stores: Stores) -> Supply:
    """What `origin` has of what is missing behind a list's rows."""
    dead = [leg.entry for leg in facts.legs if leg.missing]
    found = await each(lambda entry: observer.child(origin, entry), dead)
    brought = [(entry, child) for entry, child in zip(dead, found, strict=True) if child and not child.fault]
    moves = await _blobs(facts.legs, origin, stores)
    children = {entry.digest: child for entry, child in brought}
    children |= {leg.entry.digest: _filled(leg.child, moves) for leg in facts.legs if leg.child and leg.child.lacking}
    return Supply(children, tuple(Wanted(entry, origin) for entry, _ in brought), moves)


async def _blobs(legs: Iterable[Leg], origin: Place, stores: Stores) -> tuple[BlobMove, ...]:
    lacking = {blob.digest: blob for leg in legs if leg.child for blob in leg.child.lacking}
    there = await each(lambda blob: stores.at(origin).has_blob(blob), lacking.values())
    return tuple(BlobMove(blob, origin) for blob, present in zip(lacking.values(), there, strict=True) if present)


def _filled(child: Child, moves: Iterable[BlobMove]) -> Child:
    brought = {move.blob.digest for move in moves}
    return replace(child, lacking=tuple(blob for blob in child.lacking if blob.digest not in brought))
