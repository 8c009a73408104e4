"""`copy`: an image from one place to another, whole and byte for byte unless something else is wanted."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Self

from regtool.concurrency import each
from regtool.documents.manifest import Manifest
from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.model.reference import DEFAULT_TAG, Place, Reference, Repository, Tag, place_of
from regtool.operations.conversion import Converter
from regtool.operations.events import Listener, Note, ignore
from regtool.operations.inspect import read
from regtool.operations.publish import Journal, keep_no_journal, publish
from regtool.operations.readback import digest_now
from regtool.operations.referrers import plan_referrers
from regtool.operations.transfer import plan_one
from regtool.planning.narrow import narrowed, sole_image
from regtool.planning.plan import Plan, TagMove
from regtool.planning.shape import ListType
from regtool.stores.places import Stores
from regtool.values import dataclass

_WINDOW = 64  # tags that are copied together: all is in place for all of them before the first moves


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOptions:
    """What of an image is copied: only these `platforms`, or one image without its list, and with its referrers.

    `convert` rewrites what is not of that family; AUTO leaves everything as it is.
    """

    platforms: tuple[Platform, ...] = ()
    unwrap: bool = False
    referrers: bool = False
    convert: ListType = ListType.AUTO


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """One image, where it goes, and the tags that it gets there; with `keeps_tags` also those that it has."""

    source: Reference
    target: Place
    tags: tuple[Tag, ...]
    options: CopyOptions = field(default_factory=CopyOptions)
    keeps_tags: bool = False

    @classmethod
    def parse(cls, source: str, target: str, *, tags: Sequence[str] = (), options: CopyOptions | None = None) -> Self:
        """Reads the words of the command line. In a layout or archive an image keeps its tag. Raises UsageError."""
        origin, first = Reference.parse(source), Reference.parse_target(target)
        named = [first.place.tag(tag) for tag in tags]
        keeps_tags = not isinstance(first.place, Repository) and Reference.parse(target).tag is None
        if not keeps_tags and first.tag:
            named.insert(0, first.tag)
        return cls(origin, first.place, tuple(dict.fromkeys(named)), options or CopyOptions(), keeps_tags)


@dataclass(frozen=True, slots=True)
class CopyAllRequest:
    """Every tag of a place that one of `include` fits, if there are any, and none of `exclude` does."""

    source: Place
    target: Place
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    options: CopyOptions = field(default_factory=CopyOptions)

    @classmethod
    def parse(
        cls, source: str, target: str, *, include: Sequence[str] = (), exclude: Sequence[str] = (),
        options: CopyOptions | None = None,
    ) -> Self:  # fmt: skip
        """Reads the words of the command line: two places, and patterns as shells know them. Raises UsageError."""
        places = place_of(source), place_of(target)
        if places[0] == places[1]:
            raise UsageError(source, "is its own target")
        Reference.parse_target(str(places[1]))  # which refuses what is never written
        return cls(*places, tuple(include), tuple(exclude), options or CopyOptions())

    def wants(self, tag: Tag) -> bool:
        """Whether a tag is to be copied."""
        is_included = not self.include or any(fnmatchcase(tag.name, pattern) for pattern in self.include)
        return is_included and not any(fnmatchcase(tag.name, pattern) for pattern in self.exclude)


@dataclass(frozen=True, slots=True)
class Copying:
    """What a copy has found and will write, or has written: the image, and what travels along with it."""

    source: Reference
    plan: Plan
    along: tuple[Plan, ...] = ()

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Everything to publish. What is about an image comes before the tags that make it known."""
        return (*self.along, self.plan)


async def plan_copy(request: CopyRequest, stores: Stores, listen: Listener = ignore) -> Copying:
    """Reads the image and the target, and works out what to bring. Writes nothing."""
    stores.expect(writes=[request.target], reads=[request.source.place])
    return await _plan(request, stores, listen)


async def copy(
    request: CopyRequest, stores: Stores, listen: Listener = ignore, journal: Journal = keep_no_journal
) -> Copying:
    """Copies one image. What is there already is not moved again, so a copy that was cut off goes on where it was."""
    copying = await plan_copy(request, stores, listen)
    await publish(copying.plans, stores, listen, journal)
    return copying


async def plan_all(
    request: CopyAllRequest, stores: Stores, listen: Listener = ignore
) -> AsyncIterator[tuple[Copying, ...]]:
    """Works out every tag, so many at a time that memory stays flat however many there are. Writes nothing."""
    stores.expect(writes=[request.target], reads=[request.source])
    window: list[CopyRequest] = []
    async for tag in stores.at(request.source).tags():
        if request.wants(tag):
            window.append(CopyRequest(request.source.at(tag), request.target, (tag,), request.options))
        if len(window) == _WINDOW:
            yield tuple(await each(lambda one: _plan(one, stores, listen), window))
            window = []
    yield tuple(await each(lambda one: _plan(one, stores, listen), window))


async def copy_all(
    request: CopyAllRequest, stores: Stores, listen: Listener = ignore, journal: Journal = keep_no_journal
) -> AsyncIterator[Copying]:
    """Copies every tag; tells of each when it is there."""
    async for window in plan_all(request, stores, listen):
        await publish([plan for copying in window for plan in copying.plans], stores, listen, journal)
        for copying in window:
            yield copying


async def _plan(request: CopyRequest, stores: Stores, listen: Listener) -> Copying:
    origin, target = request.source.place, stores.at(request.target)
    found = await stores.at(origin).manifest(request.source.selector)
    options = request.options
    converter = Converter(options.convert, {}, stores, listen)
    root = await _wanted(found, request, stores)
    if options.convert is not ListType.AUTO:
        root = await converter.manifest(root, stores.at(origin))
    tags = await _tags(request, found, stores)
    now = await each(lambda tag: digest_now(target, tag), tags)
    moves = tuple(TagMove(tag, root.digest, was) for tag, was in zip(tags, now, strict=True))
    plan = await plan_one(root, moves, origin, request.target, stores, converter.made)
    if not request.options.referrers:
        return Copying(request.source, plan)
    if root.digest != found.digest:
        listen(Note(f"what is about {found.digest} as a whole stays there, as {root.digest} is another"))
    return Copying(request.source, plan, await plan_referrers(root, origin, request.target, stores))


async def _tags(request: CopyRequest, found: Manifest, stores: Stores) -> tuple[Tag, ...]:
    """The tags that the image gets: those of the request, behind the one by which it is named or those that it has."""
    source = request.source
    if not request.keeps_tags:
        return request.tags
    named = source.tag or _tag_at_end(source.name)
    own = [named] if named else []
    if not (named or source.name or source.digest):  # the only image there is: few tags, and all are its own
        store = stores.at(source.place)
        own = [tag async for tag in store.tags() if await digest_now(store, tag) == found.digest]
    return tuple(dict.fromkeys((*(own or [Tag(DEFAULT_TAG)]), *request.tags)))


def _tag_at_end(name: str) -> Tag | None:
    """The tag of an image's full name in an archive, if it is one."""
    with suppress(UsageError):
        return Reference.parse(name).tag
    return None


async def _wanted(found: Manifest, request: CopyRequest, stores: Stores) -> Manifest:
    """What is to be copied of a manifest: all of it, a smaller list, or the one image."""
    store, options = stores.at(request.source.place), request.options
    if not found.is_index:
        for platform in options.platforms:
            await read(request.source, stores, platform)  # which refuses another
        return found
    if options.unwrap:
        return await store.manifest(sole_image(found, options.platforms).digest)
    return narrowed(found, options.platforms) if options.platforms else found
