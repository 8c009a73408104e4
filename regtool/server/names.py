"""Digests and tags as requests name them."""

from regtool.errors import UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Tag
from regtool.server.problems import digest_invalid, manifest_invalid


def digest_named(text: str) -> Digest:
    """A digest that a client wants to write or ask about. Raises Problem."""
    try:
        return Digest.parse(text)
    except UsageError as error:
        raise digest_invalid(text, f"not a digest that this registry takes: {error.hint}") from None


def tag_named(text: str) -> Tag:
    """A tag that a client wants to set. Raises Problem."""
    try:
        return Tag(text)
    except UsageError as error:
        raise manifest_invalid(f"{error.why}: {error.hint}") from None
