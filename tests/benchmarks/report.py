"""`make bench-report`: build/bench.json as docs/performance.md, with bars of the ratios and how figures grow with
their size as SVG; the steps of a month stand beside them where build/month.json has several sizes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from tests.benchmarks import growth
from tests.benchmarks.figures import HEADINGS

ROOT = Path(__file__).parents[2]
MEASURED = ROOT / "build" / "bench.json"
WRITTEN = ROOT / "docs" / "performance.md"
MONTH = ROOT / "build" / "month.json"
BARS = ROOT / "docs" / "images" / "performance.svg"
GROWTH = ROOT / "docs" / "images" / "growth.svg"

_LINE, _LEFT, _WIDE = 22, 330, 360
_MOST = 3.0
"""Times the goal at which a bar ends."""

Figures = Mapping[str, Mapping[str, Any]]


def page(measured: Figures) -> str:
    """The table of all rows, in Markdown."""
    lines = [
        "# Performance",
        "",
        "Written by `make bench-report` from what `make bench` has measured last, each row in a run of its own. What is compared was",
        "measured in that run, in turns: processor time, medians. Counts (requests, units, bytes) do not depend on the machine; the",
        "test suite asserts those that matter.",
        "",
        "![Each figure beside its goal](images/performance.svg)",
        "",
        "How processor time grows with the size of what is worked on; dashed: in proportion to it. The number behind a line is its",
        "exponent, for which the goal is 1.1.",
        "",
        "![Processor time by size](images/growth.svg)",
        "",
        "| " + " | ".join(HEADINGS) + " |",
        "|" + " --- |" * len(HEADINGS),
    ]
    for name, row in measured.items():
        told = [row["value"], row["unit"], row["reference"], row["ratio"], row["goal"]]
        met = {True: "yes", False: "no", None: ""}[row["met"]]
        lines.append("| " + " | ".join([name, *map(_told, told), met]) + " |")
    return "\n".join(lines) + "\n"


def bars(measured: Figures) -> str:
    """Each figure that has a goal, as a share of it: up to the line the goal is met."""
    shown = {name: share for name, row in measured.items() if (share := _share(row)) is not None}
    height = _LINE * len(shown) + 30
    goal = _LEFT + _WIDE / _MOST
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDE + 60}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="100%" height="{height}" fill="white"/>',
    ]
    for n, (name, share) in enumerate(shown.items()):
        y = n * _LINE + 24
        width = min(share, _MOST) * _WIDE / _MOST
        colour = "#2f7d4f" if share <= 1 else "#b3541e"
        parts += [
            f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="16" fill="{colour}"/>',
            f'<text x="{_LEFT + width + 6:.1f}" y="{y + 12}">{share:.2f}</text>',
        ]
    parts += [
        f'<line x1="{goal}" y1="16" x2="{goal}" y2="{height}" stroke="black"/>',
        f'<text x="{goal}" y="12" text-anchor="middle">goal</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _share(row: Mapping[str, Any]) -> float | None:
    """How much of what the goal allows is used: 1 is just met, less is better. None without a goal."""
    if row["goal"] is None:
        return None
    sign, bound, *of_reference = str(row["goal"]).replace(",", "").split(" ")
    value = row["ratio"] if of_reference else row["value"]
    if not value or not float(bound):
        return None
    share = float(value) / float(bound)
    return share if sign == "≤" else 1 / share


def _told(value: Any) -> str:
    return "" if value is None else f"{value:,.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    month = json.loads(MONTH.read_text(encoding="utf-8")) if MONTH.exists() else {}
    WRITTEN.write_text(page(measured), encoding="utf-8")
    BARS.write_text(bars(measured), encoding="utf-8")
    grown = {**growth.of_rows(measured), **growth.of_month(month)}
    GROWTH.write_text(growth.plot(grown), encoding="utf-8")
    for path in (WRITTEN, BARS, GROWTH):
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
