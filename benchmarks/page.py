"""What came of it, for people: tables in Markdown."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from benchmarks.measure import Result
from benchmarks.timing import Figure
from benchmarks.tools import PEERS, REGTOOL, version_of

EVERYWHERE = ("docker manifest", "buildx imagetools", "crane")  # what most people merge with
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"


def write_page(path: Path, results: Sequence[Result]) -> None:
    """Puts the figures in their place in a page; what people wrote around them stays."""
    before, found, rest = path.read_text().partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise ValueError(f"{path}: has no place for figures between {BEGIN!r} and {END!r}")
    path.write_text(f"{before}{BEGIN}\n\n{circumstances()}\n\n{tables(results)}\n{END}{after}")


def circumstances() -> str:
    """When, on what, and with which versions."""
    versions = [f"- {tool.name}: {_tidy(version)}" for tool in (REGTOOL, *PEERS) if (version := version_of(tool))]
    machine = f"{os.cpu_count()} processors ({platform.machine()}), {platform.system()}"
    when = f"{date.today():%Y-%m-%d}"  # noqa: DTZ011 - the day where it was measured
    head = f"Measured on {when}: {machine}, Python {platform.python_version()}, Debian's docker-registry on loopback."
    return "\n".join([head, "", *versions])


def tables(results: Sequence[Result]) -> str:
    """One table for each job."""
    return "\n\n".join(table(result) for result in results) + "\n"


def table(result: Result) -> str:
    """The figures of one job: tools down, distances across; median seconds, with the fastest and the slowest run."""
    columns = list(result.figures)
    lines = [f"### {result.job.title[0].upper()}{result.job.title[1:]}", ""]
    heads = [f"{column} ms" if len(result.job.round_trips) > 1 or column else "seconds" for column in columns]
    lines += _row(["", *heads, "requests", "connections", "memory"]), _row(["---", *["---:"] * (len(columns) + 3)])
    for name, cost in result.costs.items():
        cells = [_cell(result.figures[column][name]) for column in columns]
        lines.append(_row([name, *cells, str(cost.requests), str(cost.connections), f"{cost.memory / 1e6:.0f} MB"]))
    for label, peers in (("best peer", ()), ("best of " + ", ".join(EVERYWHERE), EVERYWHERE)):
        ratios = [ratio_to_best(result.figures[column], peers) for column in columns]
        if all(ratios):
            lines.append(
                _row([f"**regtool : {label}**", *(f"**{ratio:.2f}**" for ratio in ratios if ratio), "", "", ""])
            )
    lines.append("")
    lines += [f"{name} does not work here: {_tidy(reason)[-300:]}" for name, reason in result.failed.items()]
    return "\n".join(lines).rstrip()


def ratio_to_best(figures: Mapping[str, Figure], peers: Sequence[str] = ()) -> float | None:
    """How long regtool takes for each second of the fastest of these peers, or of all; None without any."""
    others = [
        figure.seconds
        for name, figure in figures.items()
        if not name.startswith(REGTOOL.name) and (not peers or name.startswith(tuple(peers)))
    ]
    return figures[REGTOOL.name].seconds / min(others) if REGTOOL.name in figures and others else None


def _cell(figure: Figure) -> str:
    digits = 3 if figure.seconds < 10 else 1
    return f"{figure.seconds:.{digits}f} ({figure.fastest:.{digits}f}–{figure.slowest:.{digits}f})"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
