"""What `repair` found, for people and for programs."""

from typing import Any

from regtool.cli.render.creation import change_rows, changes_json, tags_json
from regtool.cli.render.table import columns
from regtool.operations.repair import Repair
from regtool.planning.rules.finding import Finding


def repair_text(found: Repair, *, dry_run: bool) -> str:
    """Each repair, what the list offers afterwards, and what stays."""
    lines = [columns(map(_row, found.made)) if found.made else "nothing to repair"]
    if found.changes:
        lines += ["", columns(change_rows(found.changes), indent="  ")]
    if dry_run:
        lines += [
            f"would write {plan.result} at {', '.join(move.tag.name for move in plan.tags) or 'no tag'}"
            for plan in found.plans
        ]
    if found.left:
        lines += ["", "stays:", columns(map(_row, found.left), indent="  ")]
    return "\n".join(lines)


def repair_json(found: Repair, *, dry_run: bool) -> dict[str, Any]:
    """Everything as one object; the keys are part of the interface."""
    return {
        "references": [str(reference) for reference in found.results],
        "changed": bool(found.plans),
        "dryRun": dry_run,
        "tags": [tag for plan in found.plans for tag in tags_json(plan)],
        "repaired": [_json(finding) for finding in found.made],
        "left": [_json(finding) for finding in found.left],
        "changes": changes_json(found.changes),
    }


def _row(finding: Finding) -> tuple[str, ...]:
    mend = f"-> {finding.repair}" if finding.repair else ""
    return finding.code, f"{finding.where} {finding.message}".strip(), mend


def _json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "where": finding.where or None,
        "message": finding.message,
        "repair": str(finding.repair) if finding.repair else None,
    }
