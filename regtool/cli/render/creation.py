"""What `create` found out, for people and for programs."""

from collections.abc import Iterable
from typing import Any

from regtool.cli.render.table import columns, size
from regtool.operations.create import Creation
from regtool.planning.difference import Change, PlatformChange
from regtool.planning.member import Member
from regtool.planning.plan import Plan

_SIGNS = {Change.SAME: " ", Change.CHANGED: "~", Change.ADDED: "+", Change.REMOVED: "-"}


def members_text(creation: Creation) -> str:
    """One line for each image that the list holds."""
    return columns((_member_row(member) for member in creation.members), indent="  ")


def plan_text(creation: Creation) -> str:
    """The whole plan: what moves, what is written, and what changes by platform."""
    plan = creation.plan
    lines = [f"would write {plan.root.media_type}, {len(plan.root.content)} bytes, {plan.root.digest}"]
    lines += [f"would move {_blobs(plan)} and {len(plan.children)} manifests"] if plan.children else []
    for move in plan.tags:
        lines.append(f"tag {move.tag}: {_tag_words(move.was, changes=move.changes)}")
    return "\n".join([*lines, columns(change_rows(creation.changes), indent="  ")])


def creation_json(creation: Creation, *, dry_run: bool) -> dict[str, Any]:
    """Everything as one object; the keys are part of the interface."""
    plan = creation.plan
    return {
        "reference": str(plan.result),
        "digest": str(plan.root.digest),
        "mediaType": plan.root.media_type,
        "size": len(plan.root.content),
        "changed": not plan.writes_nothing,
        "dryRun": dry_run,
        "tags": tags_json(plan),
        "platforms": [_member_json(member) for member in creation.members],
        "changes": changes_json(creation.changes),
        "moves": {
            "blobs": [
                {"digest": str(move.blob.digest), "size": move.blob.size, "from": str(move.origin)}
                for move in plan.blobs
            ],
            "manifests": [{"digest": str(child.digest), "mediaType": child.media_type} for child in plan.children],
        },
    }


def tags_json(plan: Plan) -> list[dict[str, Any]]:
    """The tags of a plan, and what each was and will be."""
    return [
        {
            "tag": move.tag.name,
            "was": str(move.was) if move.was else None,
            "now": str(move.to),
            "changes": move.changes,
        }
        for move in plan.tags
    ]


def _member_row(member: Member) -> tuple[str, ...]:
    count = len(member.attestations)
    extra = f"+ {count} attestation{'s' if count > 1 else ''}" if count else ""
    return str(member.platform or "(no platform)"), f"{member.digest}", f"from {member.source}", extra


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
    return _SIGNS[change.kind], platform, was if was == now else f"{was} -> {now}", change.kind.value


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


def _blobs(plan: Plan) -> str:
    return f"{len(plan.blobs)} blobs ({size(sum(move.blob.size for move in plan.blobs))})"


def _tag_words(was: object, *, changes: bool) -> str:
    if not changes:
        return "already has this digest"
    return f"now {was}" if was else "new"
