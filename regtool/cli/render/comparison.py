"""What `diff` found, for people and for programs."""

from typing import Any

from regtool.cli.render.creation import SIGNS, remark_rows, remarks_json
from regtool.cli.render.table import columns, size
from regtool.operations.diff import Comparison, Pair, Side
from regtool.transport.visible import visible


def comparison_text(found: Comparison) -> str:
    """The two names, then a line for each platform, and the labels that differ below it."""
    head = [(str(found.before), str(found.digests[0])), (str(found.after), str(found.digests[1]))]
    rows = columns(map(_row, found.pairs)).splitlines()
    body = [line for row, pair in zip(rows, found.pairs, strict=True) for line in (row, *_labels(pair))]
    return "\n".join([columns(head), "", *body, *columns(remark_rows(found.remarks)).splitlines()])


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Everything as one object; the keys are part of the interface."""
    return {
        "before": {"reference": str(found.before), "digest": str(found.digests[0])},
        "after": {"reference": str(found.after), "digest": str(found.digests[1])},
        "same": found.same,
        "platforms": [
            {
                "platform": str(pair.platform) if pair.platform else None,
                "change": pair.kind.value,
                "before": _side_json(pair.before),
                "after": _side_json(pair.after),
                "sharedLayers": pair.shared,
                "labels": {key: {"before": old, "after": new} for key, (old, new) in pair.labels.items()},
            }
            for pair in found.pairs
        ],
        "remarks": remarks_json(found.remarks),
    }


def _row(pair: Pair) -> tuple[str, ...]:
    digests = dict.fromkeys(_short(side) for side in (pair.before, pair.after) if side)
    return (
        SIGNS[pair.kind],
        str(pair.platform or "(no platform)"),
        pair.kind.value,
        " -> ".join(digests),
        _sizes(pair),
        _layers(pair),
    )


def _labels(pair: Pair) -> list[str]:
    return [visible(f"     {key}: {old or '(none)'} -> {new or '(none)'}") for key, (old, new) in pair.labels.items()]


def _short(side: Side) -> str:
    missing = " (missing)" if side.missing else ""
    return f"{side.digest.algorithm}:{side.digest.short}{missing}"


def _sizes(pair: Pair) -> str:
    known = [side.size for side in (pair.before, pair.after) if side and not side.missing]
    if len(known) < 2 or known[0] == known[1]:
        return size(known[0]) if known else ""
    more = known[1] - known[0]
    return f"{size(known[1])} ({'+' if more > 0 else '-'}{size(abs(more))})"


def _layers(pair: Pair) -> str:
    if pair.before is None or pair.after is None or pair.before.digest == pair.after.digest:
        return ""
    return f"{pair.shared} of {len(pair.after.layers)} layers shared"


def _side_json(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    facts = {"digest": str(side.digest), "imageSize": None if side.missing else side.size, "missing": side.missing}
    return {**facts, "layers": [str(layer) for layer in side.layers], "labels": dict(side.labels)}
