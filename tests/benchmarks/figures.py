"""A measured figure beside its reference and its goal; the table and the JSON made of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

HEADINGS = ("row", "value", "unit", "reference", "ratio", "goal", "met")

Data = dict[str, str | float | bool | Mapping[int, float] | None]


@dataclass(frozen=True, slots=True)
class Goal:
    """At least, or at most, the `bound`: asked of the value, or of the ratio to the reference."""

    bound: float
    at_least: bool
    of_ratio: bool = False

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {_number(self.bound)}{' × reference' if self.of_ratio else ''}"


def at_least(bound: float) -> Goal:
    return Goal(bound, at_least=True)


def at_most(bound: float) -> Goal:
    return Goal(bound, at_least=False)


def at_least_times(bound: float) -> Goal:
    """At least so many times the reference."""
    return Goal(bound, at_least=True, of_ratio=True)


def at_most_times(bound: float) -> Goal:
    """At most so many times the reference."""
    return Goal(bound, at_least=False, of_ratio=True)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: `value` and `reference` in the same `unit`, measured in the same run.

    No goal: the figure is only told. A goal of the ratio needs a reference. `points` tell how what is measured
    grows: by size, in whatever unit grows with it (seconds, requests).
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    goal: Goal | None = None
    points: Mapping[int, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Value by reference; None without a reference, or with one of zero."""
        return self.value / self.reference if self.reference else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached, None without one."""
        if self.goal is None:
            return None
        bound = self.goal.bound
        if self.goal.of_ratio:
            if self.reference is None:
                raise ValueError(f"{self.name}: a goal of the ratio, and no reference")
            bound *= self.reference
        return self.value >= bound if self.goal.at_least else self.value <= bound


def as_data(rows: Iterable[Row]) -> dict[str, Data]:
    """The rows as build/bench.json holds them, by name. Two rows of one name are a ValueError."""
    data: dict[str, Data] = {}
    for row in rows:
        if row.name in data:
            raise ValueError(f"two rows are named {row.name}")
        data[row.name] = {
            "value": row.value,
            "unit": row.unit,
            "reference": row.reference,
            "ratio": row.ratio,
            "goal": None if row.goal is None else str(row.goal),
            "met": row.met,
            "points": dict(row.points),
        }
    return data


def table(rows: Iterable[Row]) -> str:
    """The rows as a table in Markdown, its columns aligned."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
        for line in cells
    ]
    ruled = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], ruled, *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[row.met]
    reference = "" if row.reference is None else _number(row.reference)
    ratio = "" if row.ratio is None else f"{row.ratio:.4g}"
    return (row.name, _number(row.value), row.unit, reference, ratio, str(row.goal or ""), met)


def _number(value: float) -> str:
    """Two decimals below a thousand, three digits below one, as short as it goes."""
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    if abs(value) >= 1:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.3g}"
