"""Row 18: processor time per frame of the contact's page with 2,000 machines of 8 counters each.

The processor is slowed four times, as a phone's. The reference is the same page with 12 machines, in
the same run: what is left is what grows. A page of forty fields and nothing else tells what the browser
takes for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Row, at_most

if TYPE_CHECKING:
    from tests.benchmarks.pages.frames import Frames

MACHINES, FEW = 2_000, 12
A_FRAME = 16.0
"""Milliseconds."""


def rows() -> Iterator[Row]:
    """The dearest frame of each. Raises NotStarted, NothingHappened."""
    from tests.benchmarks.pages.frames import measure_bare

    bare = measure_bare()
    few, many = _frames(FEW), _frames(MACHINES)
    goal, unit = at_most(A_FRAME), "ms CPU a frame"
    yield Row("18 scrolling a bare page", bare.scrolling, unit)
    yield Row("18 typing in a bare page", bare.typing, unit)
    yield Row("18 scrolling cards", many.scrolling_cards, unit, few.scrolling_cards, goal=goal)
    yield Row("18 typing in cards", many.typing_cards, unit, few.typing_cards, goal=goal)
    yield Row("18 scrolling a table", many.scrolling_table, unit, few.scrolling_table, goal=goal)
    yield Row("18 typing in a table", many.typing_table, unit, few.typing_table, goal=goal)


def _frames(machines: int) -> Frames:
    from tests.benchmarks.pages.fleet import visit
    from tests.benchmarks.pages.frames import measure
    from tests.support.running import running

    with TemporaryDirectory() as state, running(Path(state)) as application:
        return measure(visit(application, machines).link)
