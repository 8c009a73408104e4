"""A list of names, one a line: `NAME [PLATFORM,PLATFORM…]`, with `#` for comments."""

from collections.abc import Iterator

from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.operations.audit.sources.text import located
from regtool.operations.audit.subject import Listing, Subject, TagFilter, named


def read_images(text: str, name: str, tags: TagFilter) -> Iterator[Subject | Listing]:
    """The names in a file called `name`. Raises UsageError that says the line."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        where = f"{name}:{number}"
        if len(words) > 2:
            raise UsageError(where, f"has {len(words)} words", "write a name, and behind it platforms joined by commas")
        with located(where):
            platforms = tuple(map(Platform.parse, words[1].split(","))) if len(words) == 2 else None
            subject = named(words[0], tags, source=where, platforms=platforms)
        yield subject
