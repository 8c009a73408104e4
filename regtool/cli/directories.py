"""Where regtool keeps what it remembers for its user (XDG Base Directory Specification 0.8)."""

import os
from pathlib import Path


def journal_path() -> Path:
    """The journal, in the state directory. A directory that is not absolute counts as not set, as the XDG rules say."""
    return _base("XDG_STATE_HOME", ".local/state") / "regtool" / "journal.jsonl"


def tags_directory() -> Path:
    """What is remembered of the tags of repositories, for completion."""
    return _base("XDG_CACHE_HOME", ".cache") / "regtool" / "tags"


def _base(variable: str, default: str) -> Path:
    named = Path(os.environ.get(variable, ""))
    return named if named.is_absolute() else Path.home() / default
