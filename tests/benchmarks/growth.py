"""How figures grow with the size of what is worked on, as an SVG: both axes by powers of ten."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import Any

Points = Mapping[float, float]
"""A figure by size, smallest first, at least two."""

_LEFT, _TOP, _WIDE, _HIGH, _LEGEND, _LINE = 60, 20, 360, 300, 320, 18
_COLOURS = ("#1f6f8b", "#b3541e", "#2f7d4f", "#7a4fa3", "#a38a1f", "#a3374f", "#4f5fa3", "#5b5b5b")


def of_rows(measured: Mapping[str, Mapping[str, Any]]) -> dict[str, Points]:
    """Of the rows of build/bench.json that were measured at several sizes."""
    grown = {
        name: {float(size): float(value) for size, value in row["points"].items()}
        for name, row in measured.items()
        if row.get("points")
    }
    return {name: points for name, points in grown.items() if len(points) > 1}


def of_month(month: Mapping[str, Any]) -> dict[str, Points]:
    """Seconds of each step of build/month.json by contracts."""
    if len(month) < 2:
        return {}
    steps = next(iter(month.values()))["steps"]
    return {
        f"month: {name}": {
            float(contracts): float(one["steps"][name]["seconds"])
            for contracts, one in month.items()
            if one["steps"][name]["seconds"]
        }
        for name in steps
    }


def exponent(points: Points) -> float:
    """From the smallest size to the largest."""
    sizes = sorted(points)
    first, last = sizes[0], sizes[-1]
    return math.log(points[last] / points[first]) / math.log(last / first)


def plot(grown: Mapping[str, Points]) -> str:
    """One line a figure, each divided by its value at its smallest size, over how many times that size is."""
    told = {name: _relative(points) for name, points in grown.items()}
    most = max((size for line in told.values() for size, _ in line), default=10.0)
    tallest = max((value for line in told.values() for _, value in line), default=10.0)
    decades = max(1, math.ceil(math.log10(max(most, tallest))))
    height = _TOP + max(_HIGH, _LINE * len(told)) + 50
    width = _LEFT + _WIDE + _LEGEND

    def place(size: float, value: float) -> str:
        x = _LEFT + _WIDE * math.log10(size) / decades
        y = _TOP + _HIGH * (1 - math.log10(value) / decades)
        return f"{x:.1f},{y:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="100%" height="{height}" fill="white"/>',
        *_axes(decades),
        f'<polyline points="{place(1, 1)} {place(10**decades, 10**decades)}" fill="none" '
        'stroke="#999" stroke-dasharray="4 4"/>',
    ]
    for n, (name, line) in enumerate(told.items()):
        colour, y = _COLOURS[n % len(_COLOURS)], _TOP + 12 + n * _LINE
        points = " ".join(place(size, max(value, 1)) for size, value in line)
        said = f"{escape(name)}: {exponent(grown[name]):.2f}"
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<rect x="{_LEFT + _WIDE + 20}" y="{y - 9}" width="10" height="10" fill="{colour}"/>',
            f'<text x="{_LEFT + _WIDE + 36}" y="{y}">{said}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _relative(points: Points) -> list[tuple[float, float]]:
    sizes = sorted(points)
    first = sizes[0]
    return [(size / first, points[size] / points[first]) for size in sizes]


def _axes(decades: int) -> list[str]:
    parts = [
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_WIDE}" height="{_HIGH}" fill="none" stroke="#ccc"/>',
        f'<text x="{_LEFT + _WIDE / 2}" y="{_TOP + _HIGH + 36}" text-anchor="middle">times the smallest size</text>',
        f'<text x="14" y="{_TOP + _HIGH / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {_TOP + _HIGH / 2})">times the smallest figure</text>',
    ]
    for power in range(decades + 1):
        x, y = _LEFT + _WIDE * power / decades, _TOP + _HIGH * (1 - power / decades)
        parts += [
            f'<text x="{x:.0f}" y="{_TOP + _HIGH + 16}" text-anchor="middle">{10**power:,}</text>',
            f'<text x="{_LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{10**power:,}</text>',
        ]
    return parts
