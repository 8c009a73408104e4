"""`edit`: one thing in a list changed, everything else as it was."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

from regtool.concurrency import both, each
from regtool.documents.manifest import Manifest
from regtool.errors import UsageError
from regtool.model.digest import Digest
from regtool.model.platform import Platform
from regtool.model.reference import Place, Reference, Tag
from regtool.operations.create_request import in_full, parse_targets
from regtool.operations.events import Listener, ignore
from regtool.operations.members import Legs, SourceSpec, resolve_members
from regtool.operations.publish import publish
from regtool.operations.readback import digest_now
from regtool.operations.transfer import Wanted, missing_from
from regtool.planning.difference import PlatformChange, difference
from regtool.planning.edits import Annotate, Append, Edit, Relabel, Remove, SetLeg, SetOsVersion, edited
from regtool.planning.member import Member
from regtool.planning.plan import Plan, TagMove
from regtool.planning.remarks import Remark, remarks
from regtool.planning.rows import Entries
from regtool.stores.places import Stores
from regtool.values import dataclass

# `key=value` annotates the list, `[linux/arm64]key=value` an entry; the long forms are those of buildx.
_ANNOTATION = re.compile(
    r"(?:index:|(?:manifest-descriptor)?\[(?P<entry>[^\]]+)\]:?)?(?P<key>[^=]+)(?:=(?P<value>.*))?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Bring:
    """A source to read: into the place of `platform`, or behind what is there if that is None."""

    source: SourceSpec
    platform: Platform | None = None


@dataclass(frozen=True, slots=True)
class EditRequest:
    """The list to edit, what to change in it, in this order, and the tags to write."""

    reference: Reference
    edits: tuple[Edit | Bring, ...]
    target: Place
    tags: tuple[Tag, ...]

    @classmethod
    def parse(cls, reference: str, words: Mapping[str, Iterable[str]], *, tags: Sequence[str] = ()) -> Self:
        """Reads the words of the command line: for each option, such as `--remove`, its values.

        What goes is edited first, then labels, what comes, and annotations. Without `tags` the tag of the reference
        is written; if it has only a digest, none is. Raises UsageError.
        """
        named = Reference.parse(reference)
        edits = [read(text) for option, read in _readers(named.place).items() for text in words.get(option, ())]
        if not edits:
            raise UsageError(reference, "nothing to change", "say what: --set, --remove, --annotation, …")
        target, names = _target(named, tags)
        return cls(named, tuple(edits), target, names)


@dataclass(frozen=True, slots=True)
class Edition:
    """What `edit` will write, or has written. `before` is the list that was read."""

    plan: Plan
    before: Manifest
    edits: tuple[Edit, ...]

    @property
    def writes_nothing(self) -> bool:
        """Whether the list is as wanted already, under every tag."""
        return self.plan.root == self.before and not self.plan.moves

    @property
    def changes(self) -> list[PlatformChange]:
        """The difference, by platform."""
        return difference(self.before, self.plan.root)

    @property
    def remarks(self) -> list[Remark]:
        """The difference in annotations and attestations."""
        return remarks(self.before, self.plan.root)


async def plan_edit(request: EditRequest, stores: Stores, listen: Listener = ignore) -> Edition:
    """Reads the list and the sources, and works out what to write. Writes nothing."""
    brought = [edit.source for edit in request.edits if isinstance(edit, Bring)]
    origin = request.reference.place
    stores.expect(writes=[request.target], reads=[origin, *(source.reference.place for source in brought)])
    before, legs = await both(
        stores.at(origin).manifest(request.reference.selector),
        each(lambda source: resolve_members([source], stores, listen), brought),
    )
    if not before.is_index:
        raise UsageError(before.what, "is one image, not a list", "`regtool create` makes a list of it")
    edits = _resolved(request.edits, legs)
    after = edited(before, edits)
    missing, moves = await both(
        missing_from(request.target, _wanted(after, legs, origin), _read(legs), stores),
        _moves(request, before, after, stores),
    )
    return Edition(Plan(request.target, missing.blobs, missing.manifests, after, moves, guarded=True), before, edits)


async def edit(request: EditRequest, stores: Stores, listen: Listener = ignore) -> Edition:
    """Changes a list and publishes it under the tags of the request."""
    edition = await plan_edit(request, stores, listen)
    await publish(edition.plan, stores, listen)
    return edition


async def _moves(request: EditRequest, before: Manifest, after: Manifest, stores: Stores) -> tuple[TagMove, ...]:
    """The tag that was read held what was read; the others are asked for theirs."""

    async def move(tag: Tag) -> TagMove:
        is_read = request.reference.selector == tag and request.reference.place == request.target
        now = before.digest if is_read else await digest_now(stores.at(request.target), tag)
        return TagMove(tag, after.digest, now)

    return tuple(await each(move, request.tags))


def _wanted(after: Manifest, legs: Sequence[Legs], origin: Place) -> list[Wanted]:
    """What the target needs: new entries from their sources, the others from where the list was read."""
    brought = {entry.digest: member.source.place for leg in legs for member in leg.members for entry in member.entries}
    return [Wanted(entry, brought.get(entry.digest, origin)) for entry in after.as_index().manifests]


def _read(legs: Sequence[Legs]) -> dict[Digest, Manifest]:
    return {digest: manifest for leg in legs for digest, manifest in leg.manifests.items()}


def _resolved(edits: Iterable[Edit | Bring], legs: Sequence[Legs]) -> tuple[Edit, ...]:
    """The edits with what was read in the place of what has to be brought."""
    read = iter(legs)
    found: list[Edit] = []
    for edit in edits:
        if not isinstance(edit, Bring):
            found.append(edit)
        elif edit.platform is None:
            found += [Append(member) for member in next(read).members]
        else:
            found.append(SetLeg(edit.platform, _fitting(edit, edit.platform, next(read).members)))
    return tuple(found)


def _fitting(bring: Bring, platform: Platform, members: Sequence[Member]) -> Member:
    """The one member that is for the platform. Raises UsageError."""
    fitting = [member for member in members if member.platform and member.platform.satisfies(platform)]
    if len(fitting) == 1:
        return fitting[0]
    held = ", ".join(str(member.platform) for member in members if member.platform) or "no image"
    words = f"--set {platform}={bring.source.reference}"
    if len(members) == 1:
        raise UsageError(words, f"the source is for {held}", f"if it is the one all the same, add ={platform}")
    raise UsageError(words, f"the source has {held}", "name the one you mean by its digest")


def _target(named: Reference, tags: Sequence[str]) -> tuple[Place, tuple[Tag, ...]]:
    """The one place of all tags. A bare tag is in the place of the reference."""
    if not tags:
        return named.place, (named.tag,) if named.tag else ()
    first, *more = [in_full(tag, named.place) for tag in tags]
    targets = parse_targets(first, more)
    if len(targets) > 1:
        raise UsageError(", ".join(tags), "are not tags in one place", "`regtool tag` goes on to others")
    return targets[0].place, targets[0].tags


def _remove(text: str) -> Remove:
    return Remove(Entries.parse(text))


def _relabel(text: str) -> Relabel:
    which, platform = _pair("--platform-of", text, "DIGEST=OS/ARCH")
    return Relabel(Entries.parse(which), Platform.parse(platform))


def _os_version(text: str) -> SetOsVersion:
    which, version = _pair("--os-version", text, "OS/ARCH=VERSION or DIGEST=VERSION")
    return SetOsVersion(Entries.parse(which), version)


def _leg(text: str, place: Place) -> Bring:
    platform, source = _pair("--set", text, "OS/ARCH=SOURCE")
    return Bring(SourceSpec.parse(source, place), Platform.parse(platform))


def _annotate(text: str) -> Annotate:
    entry, key, value = _annotation("--annotation", text, "KEY=VALUE")
    if value is None:
        raise UsageError(f"--annotation {text}", "names no value", "write it as KEY=VALUE")
    return Annotate(key, value, entry)


def _unannotate(text: str) -> Annotate:
    entry, key, value = _annotation("--remove-annotation", text, "KEY")
    if value is not None:
        raise UsageError(f"--remove-annotation {text}", "names a value", "give the key alone")
    return Annotate(key, None, entry)


def _annotation(option: str, text: str, form: str) -> tuple[Entries | None, str, str | None]:
    found = _ANNOTATION.fullmatch(text)
    if not found:
        raise UsageError(f"{option} {text}", "cannot be read", f"write it as {form}, or [OS/ARCH]{form} for one entry")
    return Entries.parse(found["entry"]) if found["entry"] else None, found["key"], found["value"]


def _pair(option: str, text: str, form: str) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not (left and equals and right):
        raise UsageError(f"{option} {text}", "names no pair", f"write it as {form}")
    return left, right


def _readers(place: Place) -> dict[str, Callable[[str], Edit | Bring]]:
    """How each option is read. What goes comes first, so that something else can take its place."""
    return {
        "--remove": _remove,
        "--platform-of": _relabel,
        "--os-version": _os_version,
        "--set": lambda text: _leg(text, place),
        "--append": lambda text: Bring(SourceSpec.parse(text, place)),
        "--annotation": _annotate,
        "--remove-annotation": _unannotate,
    }
