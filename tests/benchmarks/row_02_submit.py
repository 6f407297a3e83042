"""Row 2: a warm submit of 20 machines with 4 readings each, beside FastAPI with our rules and no table."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.figures import Row, at_most, at_most_times
from tests.benchmarks.peers import figures

ROUNDS = 30


def rows(*, rounds: int = ROUNDS) -> Iterator[Row]:
    """Processor time."""
    taken = figures("submit", str(rounds))
    yield Row("2 submit, 20 machines", taken["ours"], "ms CPU", taken["peer"], at_most_times(1.8))
    yield Row("2 twenty submits", taken["twenty"], "ms CPU", taken["peer"], at_most(50))
