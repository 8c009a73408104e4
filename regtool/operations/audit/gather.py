"""From the words of a user to the names to look at."""

from collections.abc import Iterator, Sequence
from dataclasses import field

from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.operations.audit.sources.compose import compose_environment, read_compose
from regtool.operations.audit.sources.dockerfile import read_dockerfile
from regtool.operations.audit.sources.images import read_images
from regtool.operations.audit.sources.kubernetes import read_kubernetes
from regtool.operations.audit.sources.text import read_text
from regtool.operations.audit.subject import Listing, Subject, TagFilter, named
from regtool.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Names, and files that name images. `tags` says which tags of the repositories among them are meant."""

    names: Sequence[str] = ()
    images: Sequence[str] = ()
    dockerfiles: Sequence[str] = ()
    build_args: Sequence[str] = ()
    compose: Sequence[str] = ()
    kubernetes: Sequence[str] = ()
    tags: TagFilter = field(default_factory=TagFilter)


def gather(sources: Sources, platforms: tuple[Platform, ...] = ()) -> tuple[Subject | Listing, ...]:
    """Everything that is named, in order; `platforms` is what builds are for. Raises UsageError, StorageError."""
    found = tuple(_gather(sources, platforms))
    if not found:
        raise UsageError("audit", "there is nothing to look at", "name an image or a repository, or a file that does")
    return found


def _gather(sources: Sources, platforms: tuple[Platform, ...]) -> Iterator[Subject | Listing]:
    for name in sources.names:
        yield named(name, sources.tags)
    for file in sources.images:
        yield from read_images(read_text(file), file, sources.tags)
    arguments = dict(_pair(text) for text in sources.build_args)
    for file in sources.dockerfiles:
        yield from read_dockerfile(read_text(file), file, arguments, platforms)
    for file in sources.compose:
        yield from read_compose(read_text(file), file, compose_environment(file))
    for file in sources.kubernetes:
        yield from read_kubernetes(file)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UsageError(f"--build-arg {text}", "names no value", "write it as NAME=VALUE")
    return name, value
