"""What changes between two lists, platform by platform."""

from enum import StrEnum

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.values import dataclass


class Change(StrEnum):
    """What happened to one platform."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class PlatformChange:
    """One platform before and after; None where it is not offered. `platform` is None for what names none."""

    platform: Platform | None
    before: Digest | None
    after: Digest | None

    @property
    def kind(self) -> Change:
        """The change in a word."""
        if self.before == self.after:
            return Change.SAME
        if self.before is None:
            return Change.ADDED
        return Change.REMOVED if self.after is None else Change.CHANGED


def difference(before: Manifest | None, after: Manifest) -> list[PlatformChange]:
    """The platforms of both manifests in the order of a written list, attestations left out."""
    old, new = offers(before), offers(after)
    slots = sorted(old.keys() | new.keys(), key=lambda slot: _order(*(new.get(slot) or old[slot])))
    return [
        PlatformChange(
            (new.get(slot) or old[slot])[0],
            old[slot][1].digest if slot in old else None,
            new[slot][1].digest if slot in new else None,
        )
        for slot in slots
    ]


def offers(manifest: Manifest | None) -> dict[object, tuple[Platform | None, Descriptor]]:
    """What a manifest offers, by the slot of the platform; a single image counts as one offer without platform.

    Of two entries in one slot the first counts, as clients take it.
    """
    if manifest is None:
        return {}
    if not manifest.is_index:
        return {None: (None, manifest.descriptor)}
    found: dict[object, tuple[Platform | None, Descriptor]] = {}
    for entry in manifest.as_index().images:
        found.setdefault(_slot(entry), (_platform(entry), entry))
    return found


def _platform(entry: Descriptor) -> Platform | None:
    return entry.platform.value if entry.platform else None


def _slot(entry: Descriptor) -> object:
    return entry.platform.value.slot if entry.platform else entry.digest


def _order(platform: Platform | None, entry: Descriptor) -> tuple[object, ...]:
    return (platform is None, platform.order if platform else (), str(entry.digest))
