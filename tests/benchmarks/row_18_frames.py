"""Row 18: processor time per frame of the contact's page with 2,000 machines of 8 counters each.

The processor is slowed four times, as a phone's. The reference is the same page with 12 machines, in
the same run: what is left is what grows. A page of forty fields and nothing else, and a table of nothing
but lines, tell what the browser takes for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Row, at_most

if TYPE_CHECKING:
    from tests.benchmarks.pages.frames import Frames, Spent

MACHINES, FEW = 2_000, 12
A_FRAME = 16.0
"""Milliseconds."""


def rows() -> Iterator[Row]:
    """Mean, 95 % and dearest frame of each. Raises NotStarted, NothingHappened."""
    from tests.benchmarks.pages.frames import measure_bare

    bare = measure_bare()
    yield from _told("scrolling a bare page", bare.scrolling)
    yield from _told("typing in a bare page", bare.typing)
    yield from _told("a line a frame in a bare table", bare.lines)
    few, many = _frames(FEW), _frames(MACHINES)
    yield from _told("scrolling cards", many.scrolling_cards, few.scrolling_cards, A_FRAME)
    yield from _told("typing in cards", many.typing_cards, few.typing_cards, A_FRAME)
    yield from _told("scrolling a table", many.scrolling_table, few.scrolling_table, A_FRAME)
    yield from _told("typing in a table", many.typing_table, few.typing_table, A_FRAME)


def _told(
    what: str, spent: Spent, few: Spent | None = None, goal: float | None = None
) -> Iterator[Row]:
    for at, how in enumerate((", mean", ", 95 %", ", dearest")):
        yield Row(
            f"18 {what}{how}",
            spent[at],
            "ms CPU a frame",
            None if few is None else few[at],
            goal=None if goal is None else at_most(goal),
        )


def _frames(machines: int) -> Frames:
    from tests.benchmarks.pages.fleet import visit
    from tests.benchmarks.pages.frames import measure
    from tests.support.running import running

    with TemporaryDirectory() as state, running(Path(state)) as application:
        return measure(visit(application, machines).link)
