"""What `repair` found, for people and for programs."""

from typing import Any

from regtool.cli.render.creation import changes_json, remarks_json
from regtool.cli.render.plan import plan_json, plan_text
from regtool.cli.render.table import columns
from regtool.operations.repair import Repair
from regtool.planning.rules.finding import Finding


def repair_text(found: Repair) -> str:
    """Each repair, what is written and how the platforms change, and what stays."""
    parts = [columns(map(_row, found.made)) if found.made else "nothing to repair"]
    if found.plans:
        parts.append(plan_text(found.plans, changes=found.changes, remarks=found.remarks))
    if found.left:
        parts.append(f"stays:\n{columns(map(_row, found.left), indent='  ')}")
    return "\n".join(parts)


def repair_json(found: Repair, *, dry_run: bool) -> dict[str, Any]:
    """Everything as one object; the keys are part of the interface."""
    return {
        "references": [str(reference) for reference in found.results],
        **plan_json(found.plans, dry_run=dry_run),
        "repaired": [_json(finding) for finding in found.made],
        "left": [_json(finding) for finding in found.left],
        "changes": changes_json(found.changes),
        "remarks": remarks_json(found.remarks),
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
