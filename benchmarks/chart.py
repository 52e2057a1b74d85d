"""The chart of exports, an SVG that is legible on light and on dark pages, made from what make bench has kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from math import floor, log10
from typing import Any

from .contestants import CLI, OURS
from .exports import Export, span

FORMATS = ("CSV", "JSON")
WIDTH, LEFT, RIGHT = 720, 230, 90
ROW, GAP, TOP, BOTTOM = 22, 40, 46, 34

STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f }
.quiet { fill: #57606a } .title { font-weight: 600 } .ours { font-weight: 700; fill: #0a58ca }
line { stroke: #d0d7de } rect { fill: #8c959f } rect.ours { fill: #0a58ca }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .quiet { fill: #9aa4af } .ours { fill: #6cb0ff } line { stroke: #3d444d }
rect { fill: #6e7781 } rect.ours { fill: #6cb0ff } }
"""


def chart(found: Mapping[str, Any]) -> str:
    """All who export CSV and JSON, the fastest first, in seconds on a logarithmic scale."""
    exports = [Export(**one) for one in found["exports"]]
    panels = [sorted((one for one in exports if one.format == name), key=lambda one: one.wall) for name in FORMATS]
    seconds = [one.wall for panel in panels for one in panel]
    low, high = 10 ** floor(log10(min(seconds))), max(seconds)
    height = TOP + sum(GAP + ROW * len(panel) for panel in panels) + BOTTOM

    def x(second: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * log10(second / low) / log10(high / low)

    lines = [*_scale(low, high, x, height), *_panels(panels, x)]
    title = f"Seconds to export {found['how']['rows']:,} rows of 20 columns over HTTP (less is better)"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">',
        f"<style>{STYLE}</style>",
        _text(0, 18, title, "title"),
        *lines,
        "</svg>\n",
    ])  # fmt: skip


def _scale(low: float, high: float, x: Any, height: int) -> Iterator[str]:
    """Lines at 0.1, 1 and 10 seconds, and what they are."""
    second = low
    while second <= high:
        place, label = x(second), f"{second:g} s"
        yield f'<line x1="{place:.1f}" x2="{place:.1f}" y1="{TOP}" y2="{height - BOTTOM}"/>'
        yield _text(place, height - BOTTOM + 16, label, "quiet", "middle")
        second = round(second * 10, 6)
    yield _text(0, height - BOTTOM + 16, "logarithmic scale", "quiet")


def _panels(panels: list[list[Export]], x: Any) -> Iterator[str]:
    y = TOP
    for panel in panels:
        yield _text(0, y + 20, panel[0].format, "title")
        y += GAP - 10
        for one in panel:
            yield from _bar(one, y, x)
            y += ROW
        y += 10


def _bar(one: Export, y: int, x: Any) -> Iterator[str]:
    style = "ours" if one.name.startswith(OURS) else ""
    name = f"{one.name} to /dev/null" if one.name.startswith(CLI) else one.name
    yield _text(LEFT - 8, y + 13, name, style, "end")
    yield f'<rect class="{style}" x="{LEFT}" y="{y + 3}" width="{x(one.wall) - LEFT:.1f}" height="{ROW - 8}" rx="2"/>'
    yield _text(x(one.wall) + 6, y + 13, span(one.wall) if one.wall >= 10 else f"{one.wall:.2f} s", style)


def _text(x: float, y: float, text: str, style: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
