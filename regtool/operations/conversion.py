"""`--convert`: images of the other family rewritten; where they come from, nothing changes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from regtool.concurrency import each
from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import UsageError
from regtool.model import media_type as types
from regtool.model.digest import Digest
from regtool.operations.events import Listener, Note
from regtool.planning.convert import Converted, converted_image, converted_list, converted_row, fits
from regtool.planning.member import Member
from regtool.planning.shape import ListType
from regtool.stores.places import Stores
from regtool.stores.protocols import Source


class Converter:
    """Rewrites what is not of the family. `made` are the manifests that come of it: no place has them yet.

    Attestations stay only with an image that stays as it is, in a family that can list them: they name it by digest.
    Every method raises ContentError for what the family has no words for.
    """

    def __init__(self, family: ListType, known: Mapping[Digest, Manifest], stores: Stores, listen: Listener) -> None:
        self.made: dict[Digest, Manifest] = {}
        self._family = family
        self._known = known
        self._stores = stores
        self._listen = listen

    async def members(self, members: Sequence[Member]) -> list[Member]:
        """Members of a list, each with its image in the family."""
        return await each(self._member, members)

    async def manifest(self, manifest: Manifest, store: Source) -> Manifest:
        """An image, or a list with all its images, in the family."""
        if not manifest.is_index:
            return self._image(manifest)
        index = manifest.as_index()
        rows = await each(lambda row: self._row(row, store), index.images)
        changed = {old.digest for old, new in zip(index.images, rows, strict=True) if old.digest != new.digest}
        for one in index.attestations:
            if self._stays(one, one.attests in changed):
                rows.append(one)
        if not changed and fits(manifest.media_type, self._family):
            return manifest
        return self._take(manifest, converted_list(manifest, rows, self._family))

    async def _member(self, member: Member) -> Member:
        row = await self._row(member.entry, self._stores.at(member.source.place))
        kept = tuple(one for one in member.attestations if self._stays(one, row.digest != member.digest))
        return replace(member, descriptor=row, attestations=kept)

    async def _row(self, row: Descriptor, store: Source) -> Descriptor:
        """A row of a list, pointing at the image as it is in the family."""
        if row.is_index:
            raise UsageError(str(row.digest), "is a list within the list", "flatten it with create, and convert that")
        if fits(row.media_type, self._family) or row.media_type not in types.IMAGES:
            return row
        manifest = self._known.get(row.digest) or await store.manifest(row.digest)
        return converted_row(row, self._image(manifest))

    def _image(self, manifest: Manifest) -> Manifest:
        return self._take(manifest, converted_image(manifest, self._family))

    def _stays(self, attestation: Descriptor, changed: bool) -> bool:
        if not changed and self._family is ListType.OCI:
            return True
        self._listen(Note(f"{attestation.digest} attests to {attestation.attests} as it was, and cannot follow"))
        return False

    def _take(self, old: Manifest, new: Converted) -> Manifest:
        made = new.manifest
        if made is not old:
            without = f", without {', '.join(new.lost)}" if new.lost else ""
            self._listen(Note(f"{old.digest} becomes {made.digest}, {made.media_type}{without}"))
            self.made[made.digest] = made
        return made
