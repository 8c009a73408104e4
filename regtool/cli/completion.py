"""Completion: what a shell offers for a word that is not finished yet. No registry is asked.

Tags are those that `regtool ls` listed last and those that the journal has; platforms are the common ones. The scripts
are regtool's own, as a reference has colons in it, at which bash would take it apart.
"""

import contextlib
import hashlib
from collections.abc import Iterable
from pathlib import Path

PLATFORMS = (
    "linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/386", "linux/ppc64le", "linux/s390x",
    "linux/riscv64", "windows/amd64", "windows/arm64",
)  # fmt: skip
VARIABLE = "_REGTOOL_COMPLETE"  # by which a shell asks
MAX_TAGS = 1000  # that are remembered of one place

SCRIPTS = {
    "bash": r"""
_regtool() {
  local line=${COMP_LINE:0:COMP_POINT} cword current prefix= IFS=$' \t\n'
  local -a words
  read -ra words <<<"$line"
  cword=${#words[@]}
  [[ $line == *[[:space:]] ]] || ((cword--))
  current=${words[cword]}
  # Bash replaces only what stands behind the last of its word breaks.
  [[ $COMP_WORDBREAKS == *:* ]] && prefix=${current%"${current##*[:=]}"}
  IFS=$'\n'
  COMPREPLY=($(COMP_WORDS=$line COMP_CWORD=$cword _REGTOOL_COMPLETE=complete_bash regtool 2>/dev/null))
  COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
}
complete -o default -F _regtool regtool
""",
    "zsh": r"""
#compdef regtool
_regtool() {
  eval "$(_TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _REGTOOL_COMPLETE=complete_zsh regtool 2>/dev/null)"
}
compdef _regtool regtool
""",
    "fish": r"""
complete --command regtool --no-files --arguments "(env _REGTOOL_COMPLETE=complete_fish \
  _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS=(commandline -cp) regtool)" \
  --condition "env _REGTOOL_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=is-args \
  _TYPER_COMPLETE_ARGS=(commandline -cp) regtool"
""",
}


def platforms(incomplete: str) -> list[str]:
    """The platforms that begin like this."""
    return [name for name in PLATFORMS if name.startswith(incomplete)]


def references(incomplete: str) -> list[str]:
    """The tags that begin like this, of a place that was listed or changed before; before the colon, the places."""
    from regtool.cli.directories import journal_path
    from regtool.operations.journal import Journal

    place, colon, _ = incomplete.rpartition(":")
    moved = [record.reference for record in Journal(journal_path(), "").records()]
    if not colon or "/" not in place:
        return sorted({name for name in (str(one.place) for one in moved) if name.startswith(incomplete)})
    names = {str(reference) for reference in moved} | {f"{place}:{tag}" for tag in _remembered(place)}
    return sorted(name for name in names if name.startswith(incomplete))


def remember(place: str, tags: Iterable[str]) -> None:
    """Keeps the tags of a place for later. What cannot be kept is no loss."""
    from regtool.stores.layout_files import write_whole

    path = _path(place)
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, "\n".join(sorted(tags)[-MAX_TAGS:]).encode())


def _remembered(place: str) -> list[str]:
    try:
        return _path(place).read_text().split("\n")
    except (OSError, ValueError):
        return []


def _path(place: str) -> Path:
    from regtool.cli.directories import tags_directory

    return tags_directory() / hashlib.sha256(place.encode()).hexdigest()
