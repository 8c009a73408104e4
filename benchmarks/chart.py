"""The picture: how long merging takes, by distance, one bar for each tool."""

from collections.abc import Sequence
from html import escape

from benchmarks.measure import Result
from benchmarks.tools import REGTOOL

# Colours of equal lightness that colour-blind readers tell apart (Okabe and Ito); regtool has the dark one.
OWN = "#0b3d66"
COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#999999", "#b8ad00")
PANEL, BAR, GAP, HEIGHT, LEFT, TOP = 720, 18, 18, 260, 44, 58


def chart(results: Sequence[Result]) -> str:
    """The picture of some jobs, side by side, as SVG."""
    tools = list(dict.fromkeys(name for result in results for name in result.costs))
    tools.sort(key=lambda name: name != REGTOOL.name)
    colours = dict(zip(tools, (OWN, *COLOURS), strict=False))
    width, height = PANEL * len(results) + 20, TOP + HEIGHT + 72
    size = f'width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="system-ui, sans-serif" font-size="12">',
        f'<rect {size} fill="#ffffff"/>',
        *_legend(colours, height),
        *(part for number, result in enumerate(results) for part in _panel(result, colours, number * PANEL)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _legend(colours: dict[str, str], height: int) -> list[str]:
    parts, x = [], LEFT
    for name, colour in colours.items():
        parts.append(f'<rect x="{x}" y="{height - 24}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 17}" y="{height - 14}">{escape(name)}</text>')
        x += 34 + 7 * len(name)
    return parts


def _panel(result: Result, colours: dict[str, str], left: int) -> list[str]:
    """One job. Bars that are much longer than most are cut at the top, and say how long they are."""
    everything = sorted(figure.seconds for figures in result.figures.values() for figure in figures.values())
    most = min(everything[-1], 2.5 * everything[len(everything) // 2])
    x, floor = left + LEFT, TOP + HEIGHT
    parts = [f'<text x="{x}" y="22" font-size="15" font-weight="600">{escape(result.job.title)}</text>']
    parts.append(f'<text x="{x}" y="40" fill="#555555">seconds, by round trip to the registry; less is better</text>')
    for step in range(5):
        y = floor - HEIGHT * step / 4
        parts.append(f'<line x1="{x}" x2="{left + PANEL - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{x - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#555555">{most * step / 4:.1f}</text>')
    x += GAP // 2
    for distance, figures in result.figures.items():
        width = BAR * len(figures)
        parts.append(f'<text x="{x + width / 2}" y="{floor + 18}" text-anchor="middle">{distance} ms</text>')
        for name in (name for name in colours if name in figures):
            parts += _bar(x, floor, figures[name].seconds, most, colours[name], name)
            x += BAR
        x += GAP
    return parts


def _bar(x: float, floor: float, seconds: float, most: float, colour: str, name: str) -> list[str]:
    height = HEIGHT * min(seconds, most) / most
    bar = (
        f'<rect x="{x}" y="{floor - height:.1f}" width="{BAR - 1}" height="{height:.1f}" fill="{colour}">'
        f"<title>{escape(name)}: {seconds:.2f} s</title></rect>"
    )
    if seconds <= most:
        return [bar]
    words = f'<text x="{x + BAR / 2}" y="{TOP - 4}" font-size="9" text-anchor="middle">{seconds:.1f}</text>'
    return [bar, words]
