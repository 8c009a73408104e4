"""The one printout of what a command will write and delete, shared by all that change something."""

from collections.abc import Iterable, Sequence
from typing import Any

from regtool.cli.render.creation import change_rows, remark_rows, tags_json
from regtool.cli.render.table import columns, count, size
from regtool.model.digest import Digest
from regtool.planning.difference import PlatformChange
from regtool.planning.plan import Plan, TagMove
from regtool.planning.remarks import Remark
from regtool.planning.removal import Removal


def plan_text(
    plans: Sequence[Plan] = (),
    removals: Sequence[Removal] = (),
    changes: Iterable[PlatformChange] = (),
    remarks: Iterable[Remark] = (),
) -> str:
    """What moves, what is written, and what goes: `+` is new, `~` changes, `-` goes, a blank stays."""
    lines = [line for plan in plans for line in _plan_lines(plan)]
    lines += [columns(rows, indent="    ") for rows in (change_rows(changes), remark_rows(remarks)) if rows]
    lines += [line for removal in removals for line in _removal_lines(removal)]
    return "\n".join(lines)


def plan_json(plans: Sequence[Plan] = (), removals: Sequence[Removal] = (), *, dry_run: bool) -> dict[str, Any]:
    """The same for programs; the keys are part of the interface."""
    return {
        "changed": not all(plan.writes_nothing for plan in plans) or not all(one.is_empty for one in removals),
        "dryRun": dry_run,
        "tags": [
            *tags_json(plans),
            *(
                {"reference": str(removal.target.at(drop.tag)), "was": str(drop.was), "now": None, "changes": True}
                for removal in removals
                for drop in removal.drops
            ),
        ],
        "deleted": [str(removal.target.at(one.digest)) for removal in removals for one in removal.manifests],
    }


def _plan_lines(plan: Plan) -> list[str]:
    lines = [_tag_line(plan, move) for move in plan.tags]
    if plan.blobs or plan.children:
        total = size(sum(move.blob.size for move in plan.blobs))
        lines.append(
            f"    brings {count(len(plan.children), 'manifest')} and up to {count(len(plan.blobs), 'blob')} ({total})"
        )
    return lines or [f"+ {plan.result}"]


def _tag_line(plan: Plan, move: TagMove) -> str:
    name = plan.target.at(move.tag)
    if not move.changes:
        return f"  {name} already at {_short(move.to)}"
    if move.was is None:
        return f"+ {name} -> {_short(move.to)}"
    return f"~ {name}: {_short(move.was)} -> {_short(move.to)}"


def _removal_lines(removal: Removal) -> list[str]:
    lines = [f"- {removal.target.at(drop.tag)} (the tag alone; {_short(drop.was)} stays)" for drop in removal.tags]
    for one in removal.manifests:
        along = [tag.name for tag in one.tags] + ([f"its row in {one.subject.as_tag}"] if one.subject else [])
        lines.append(f"- {removal.target.at(one.digest)}" + (f" and with it {', '.join(along)}" if along else ""))
    return lines


def _short(digest: Digest) -> str:
    return f"{digest.algorithm}:{digest.short}"
