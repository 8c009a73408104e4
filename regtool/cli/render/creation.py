"""What `create` found out, for people and for programs."""

from collections.abc import Iterable
from typing import Any

from regtool.cli.render.table import columns, count, size
from regtool.operations.merging import Creation
from regtool.planning.difference import Change, PlatformChange
from regtool.planning.member import Member
from regtool.planning.plan import Plan
from regtool.planning.remarks import Remark

SIGNS = {Change.SAME: " ", Change.CHANGED: "~", Change.ADDED: "+", Change.REMOVED: "-"}


def plan_text(creation: Creation) -> str:
    """The whole plan: what moves, what is written, and what changes by platform in the first target."""
    lines = [line for plan in creation.plans for line in _plan_lines(plan, alone=len(creation.plans) == 1)]
    return "\n".join([*lines, columns(change_rows(creation.changes), indent="  ")])


def creation_json(creation: Creation, *, dry_run: bool) -> dict[str, Any]:
    """Everything as one object; the keys are part of the interface. `reference` to `size` are of the first target."""
    plan = creation.plan
    return {
        "reference": str(plan.result),
        "digest": str(plan.root.digest),
        "mediaType": plan.root.media_type,
        "size": len(plan.root.content),
        "changed": not creation.writes_nothing,
        "dryRun": dry_run,
        "tags": tags_json(creation.plans),
        "targets": [{"reference": str(one.result), "digest": str(one.root.digest)} for one in creation.plans],
        "platforms": [_member_json(member) for member in creation.members],
        "changes": changes_json(creation.changes),
        "removed": [{"reference": str(one), "was": str(creation.sources[one])} for one in creation.removed],
        "moves": {
            "blobs": [
                {"digest": str(move.blob.digest), "size": move.blob.size, "from": str(move.origin)}
                for one in creation.plans
                for move in one.blobs
            ],
            "manifests": [
                {"digest": str(child.digest), "mediaType": child.media_type}
                for one in creation.plans
                for child in one.children
            ],
        },
    }


def tags_json(plans: Iterable[Plan]) -> list[dict[str, Any]]:
    """The tags of all plans, and what each was and will be."""
    return [
        {
            "reference": str(plan.target.at(move.tag)),
            "was": str(move.was) if move.was else None,
            "now": str(move.to),
            "changes": move.changes,
        }
        for plan in plans
        for move in plan.tags
    ]


def _member_json(member: Member) -> dict[str, Any]:
    return {
        "platform": str(member.platform) if member.platform else None,
        "digest": str(member.digest),
        "mediaType": member.descriptor.media_type,
        "size": member.descriptor.size,
        "source": str(member.source),
        "attestations": [str(attestation.digest) for attestation in member.attestations],
    }


def change_rows(changes: Iterable[PlatformChange]) -> list[tuple[str, ...]]:
    """One row for each platform: what happens to it, and its digest before and after."""
    return [_change_row(change) for change in changes]


def _change_row(change: PlatformChange) -> tuple[str, ...]:
    was = f"{change.before.algorithm}:{change.before.short}" if change.before else "-"
    now = f"{change.after.algorithm}:{change.after.short}" if change.after else "-"
    platform = str(change.platform or "(no platform)")
    return SIGNS[change.kind], platform, was if was == now else f"{was} -> {now}", change.kind.value


def changes_json(changes: Iterable[PlatformChange]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [_change_json(change) for change in changes]


def _change_json(change: PlatformChange) -> dict[str, Any]:
    return {
        "platform": str(change.platform) if change.platform else None,
        "change": change.kind.value,
        "before": str(change.before) if change.before else None,
        "after": str(change.after) if change.after else None,
    }


def remark_rows(found: Iterable[Remark]) -> list[tuple[str, ...]]:
    """One row for each annotation and attestation that changes."""
    return [(SIGNS[one.kind], one.what, f"{_said(one.before)} -> {_said(one.after)}", one.kind.value) for one in found]


def _said(text: str | None) -> str:
    return "-" if text is None else text


def remarks_json(found: Iterable[Remark]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [{"what": one.what, "change": one.kind.value, "before": one.before, "after": one.after} for one in found]


def _plan_lines(plan: Plan, *, alone: bool) -> list[str]:
    where = "" if alone else f" to {plan.target}"
    lines = [f"would write {plan.root.media_type}, {len(plan.root.content)} bytes, {plan.root.digest}{where}"]
    lines += [f"would move {_blobs(plan)} and {count(len(plan.children), 'manifest')}{where}"] if plan.children else []
    names = (str(move.tag) if alone else str(plan.target.at(move.tag)) for move in plan.tags)
    return lines + [
        f"tag {name}: {_tag_words(move.was, changes=move.changes)}" for name, move in zip(names, plan.tags, strict=True)
    ]


def _blobs(plan: Plan) -> str:
    return f"{count(len(plan.blobs), 'blob')} ({size(sum(move.blob.size for move in plan.blobs))})"


def _tag_words(was: object, *, changes: bool) -> str:
    if not changes:
        return "already has this digest"
    return f"now {was}" if was else "new"
