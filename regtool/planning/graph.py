"""What needs what in a repository: lists their entries, referrers their subject, companions too.

A manifest is live if a tag leads to it: through the entries of lists, whatever their depth, to what is about a live
manifest (referrers by `subject`, and the tags `sha256-…` that stand for them where a registry has no referrers API,
OCI distribution-spec "Referrers Tag Schema", and cosign's `sha256-….sig`), and from a live referrer to its subject.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Self

from regtool.documents.manifest import Manifest
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.values import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """One manifest: what it lists, and what it is about. Blobs do not matter here."""

    digest: Digest
    children: tuple[Digest, ...] = ()
    subject: Digest | None = None

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """The node of a manifest."""
        if manifest.is_index:
            index = manifest.as_index()
            children = tuple(entry.digest for entry in index.manifests)
            return cls(manifest.digest, children, index.subject.digest if index.subject else None)
        subject = manifest.as_image().subject
        return cls(manifest.digest, (), subject.digest if subject else None)

    @property
    def needs(self) -> tuple[Digest, ...]:
        """What this leads to."""
        return (*self.children, self.subject) if self.subject else self.children


@dataclass(frozen=True, slots=True)
class Need:
    """Why something must stay: `by` needs it, in the way that `how` says."""

    by: Tag | Digest
    how: str


@dataclass(frozen=True, slots=True)
class Graph:
    """The tags of a repository and its manifests, as far as they are known."""

    tags: Mapping[Tag, Digest]
    nodes: Mapping[Digest, Node]

    @property
    def unread(self) -> frozenset[Digest]:
        """What known manifests lead to and is not known itself."""
        needed = {digest for node in self.nodes.values() for digest in node.needs}
        return frozenset((needed | set(self.tags.values())) - self.nodes.keys())

    def live(self, roots: Iterable[Digest]) -> frozenset[Digest]:
        """All that these manifests lead to, themselves included."""
        about = self._about()
        seen: set[Digest] = set()
        stack = list(roots)
        while stack:
            digest = stack.pop()
            if digest not in seen:
                seen.add(digest)
                stack += about.get(digest, ())
                stack += self._needs(digest)
        return frozenset(seen)

    def companions(self) -> dict[Tag, Digest]:
        """The tags that only say something about a manifest here, and which one."""
        stems = {digest.as_tag: digest for digest in self.nodes}
        found = {tag: stems.get(tag.name.partition(".")[0]) for tag in self.tags}
        return {tag: subject for tag, subject in found.items() if subject}

    def needs_of(self, digest: Digest, leaving: Iterable[Digest]) -> list[Need]:
        """What still needs a manifest when those that are `leaving` are gone."""
        gone = {digest, *leaving}
        tags = [Need(tag, "points at it") for tag, target in self.tags.items() if target == digest]
        companions = [Need(tag, "is about it") for tag, subject in self.companions().items() if subject == digest]
        nodes = [node for node in self.nodes.values() if node.digest not in gone]
        lists = [Need(self.name(node.digest), "lists it") for node in nodes if digest in node.children]
        if tag := self.listing(digest):
            lists.remove(Need(tag, "lists it"))
        referrers = [Need(self.name(node.digest), "refers to it") for node in nodes if node.subject == digest]
        return [*tags, *lists, *referrers, *companions]

    def listing(self, digest: Digest) -> Tag | None:
        """The tag that lists a referrer under its subject. It needs it no more than the registry's own list would."""
        subject = self.nodes[digest].subject if digest in self.nodes else None
        tag = Tag(subject.as_tag) if subject else None
        lists = self.nodes.get(self.tags[tag]) if tag and tag in self.tags else None
        if lists is None or digest not in lists.children:
            return None
        return tag if [one for one, at in self.tags.items() if at == lists.digest] == [tag] else None

    def name(self, digest: Digest) -> Tag | Digest:
        """A tag of this manifest, or else its digest."""
        return next((tag for tag, target in self.tags.items() if target == digest), digest)

    def outermost_first(self, digests: Iterable[Digest]) -> list[Digest]:
        """These manifests in an order in which each comes before what it needs."""
        left: list[Digest] = []
        # By an explicit stack, as lists may be nested as deep as somebody likes.
        stack = [(digest, False) for digest in sorted(digests)]
        wanted = {digest for digest, _ in stack}
        while stack:
            digest, is_left = stack.pop()
            if is_left:
                left.append(digest)
            elif digest in wanted:
                wanted.remove(digest)
                stack.append((digest, True))
                stack += [(need, False) for need in self._needs(digest)]
        return left[::-1]

    def _needs(self, digest: Digest) -> tuple[Digest, ...]:
        return self.nodes[digest].needs if digest in self.nodes else ()

    def _about(self) -> Mapping[Digest, list[Digest]]:
        """By subject: its referrers, and the manifests of its companion tags."""
        found: defaultdict[Digest, list[Digest]] = defaultdict(list)
        for node in self.nodes.values():
            if node.subject:
                found[node.subject].append(node.digest)
        for tag, subject in self.companions().items():
            found[subject].append(self.tags[tag])
        return found
