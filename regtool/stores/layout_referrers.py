"""Which manifests of a layout are about which other one (OCI distribution-spec, "Listing Referrers")."""

from collections.abc import Iterator

from regtool.documents.descriptor import Descriptor
from regtool.documents.manifest import Manifest
from regtool.errors import ContentError, NotFoundError, UsageError
from regtool.model.digest import Digest
from regtool.stores.files import Files
from regtool.stores.needs import needs, referrer, subject_of
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class _Seen:
    """What matters of a manifest. It holds for ever, as a digest's content does."""

    subject: Digest | None
    listed_as: Descriptor
    children: tuple[Digest, ...]


class Referrers:
    """Looks through every manifest that `index.json` leads to; each is read once and remembered."""

    def __init__(self, layout: Files) -> None:
        self._layout = layout
        self._seen: dict[Digest, _Seen] = {}

    def of(self, subject: Digest) -> list[Descriptor]:
        """The descriptors of the manifests with this subject, in the order of `index.json`."""
        here = dict(self._everything())
        self._seen = here  # forgets what was deleted
        return [seen.listed_as for seen in here.values() if seen.subject == subject]

    def _everything(self) -> Iterator[tuple[Digest, _Seen]]:
        queue = [digest for entry in self._layout.index().entries if (digest := known(entry["digest"]))]
        visited: set[Digest] = set()
        for digest in queue:  # grows as children are found
            if digest not in visited:
                visited.add(digest)
                seen = self._seen.get(digest) or self._look(digest)
                if seen:
                    queue.extend(seen.children)
                    yield digest, seen

    def _look(self, digest: Digest) -> _Seen | None:
        """Reads a manifest; None for what is not there or is something else."""
        try:
            return _seen(self._layout.manifest(digest))
        except (NotFoundError, ContentError):
            return None


def _seen(manifest: Manifest) -> _Seen:
    subject = subject_of(manifest)
    children = tuple(part.digest for part in needs(manifest)) if manifest.is_index else ()
    return _Seen(subject.digest if subject else None, referrer(manifest), children)


def known(text: str) -> Digest | None:
    """A digest of an algorithm that regtool has; a layout may hold others."""
    try:
        return Digest.parse(text)
    except UsageError:
        return None
