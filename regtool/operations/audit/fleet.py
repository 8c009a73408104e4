"""Auditing many names: in the order in which they are named, a window at a time, so that memory stays flat."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import field, replace

from regtool.concurrency import DEFAULT_LIMIT, stream
from regtool.errors import RegtoolError
from regtool.model.digest import Digest
from regtool.model.reference import Place, Tag
from regtool.operations.audit.look import Depth, Observer
from regtool.operations.audit.policy import Policy
from regtool.operations.audit.record import Audited
from regtool.operations.audit.subject import Listing, Shard, Subject
from regtool.planning.rules.catalogue import judge
from regtool.planning.rules.facts import Facts
from regtool.stores.cache import ContentCache
from regtool.stores.places import Stores
from regtool.values import dataclass

# How far reading runs ahead of what was reported. More than one host may be asked at once, so more than one's share.
_WINDOW = 4 * DEFAULT_LIMIT
_TWINS = "RT503"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """What to look at, what to hold it to, and how far to look."""

    names: tuple[Subject | Listing, ...]
    policy: Policy = field(default_factory=Policy)
    depth: Depth = Depth.IMAGES
    shard: Shard = field(default_factory=Shard)

    @property
    def count(self) -> int | None:
        """How many names will be looked at; None if repositories have to be listed to know."""
        subjects = [name for name in self.names if isinstance(name, Subject)]
        if len(subjects) < len(self.names):
            return None
        return len({subject for subject in subjects if subject.reference in self.shard})


async def audit(request: AuditRequest, stores: Stores, cache: ContentCache) -> AsyncGenerator[Audited, None]:
    """What is found about each name, in order. A name that cannot be looked at is a record, too, and no exception."""
    inspector = _Inspector(request, Observer(stores, cache, request.depth))
    async with aclosing(stream(inspector.look, _subjects(request, stores), limit=_WINDOW)) as looks:
        async for seen in looks:
            yield inspector.judged(seen)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A name that was looked at."""

    subject: Subject
    facts: Facts


class _Inspector:
    """Looks at names at once and judges them in order, as which of two twins came first is their order's say."""

    def __init__(self, request: AuditRequest, observer: Observer) -> None:
        self._policy = request.policy
        self._observer = observer
        self._first: dict[tuple[Place, Digest], Tag] = {}  # kept only if somebody wants to know of twins

    async def look(self, subject: Subject | Audited) -> _Seen | Audited:
        """The facts about a name; what cannot be looked at is judged already."""
        if isinstance(subject, Audited):
            return subject
        try:
            return _Seen(subject, await self._observer.facts(subject.reference))
        except RegtoolError as error:
            return Audited.failed(subject, error)

    def judged(self, seen: _Seen | Audited) -> Audited:
        """What is found about a name."""
        if isinstance(seen, Audited):
            return seen
        selection, expect = self._policy.for_subject(seen.subject)
        wants_twins = any(rule.code == _TWINS for rule in selection.rules)
        facts = replace(seen.facts, expect=expect, twin=self._twin(seen) if wants_twins else None)
        return Audited.of(seen.subject, facts, judge(facts, selection))

    def _twin(self, seen: _Seen) -> Tag | None:
        """The first tag at the same digest, if this is another one."""
        reference = seen.subject.reference
        if reference.tag is None:
            return None
        first = self._first.setdefault((reference.place, seen.facts.descriptor.digest), reference.tag)
        return first if first != reference.tag else None


async def _subjects(request: AuditRequest, stores: Stores) -> AsyncIterator[Subject | Audited]:
    """The names of this part of the run, each once. A repository that cannot be listed is a finished record."""
    known: set[Subject] = set()
    for name in request.names:
        if isinstance(name, Subject):
            if name not in known and name.reference in request.shard:
                known.add(name)
                yield name
            continue
        try:
            async for tag in name.tags.choose(stores.at(name.place).tags()):
                subject = Subject(name.place.at(tag), name.source, name.platforms)
                if subject.reference in request.shard:
                    yield subject
        except RegtoolError as error:
            yield Audited(reference=str(name.place), source=name.source, error=(error.code, str(error)))
