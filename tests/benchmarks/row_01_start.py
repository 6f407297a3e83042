"""Row 1: a cold start to the first stored submit, beside FastAPI, Mangum and boto3 doing the same."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.figures import Row, at_most_times
from tests.benchmarks.peers import figures

ROUNDS = 7


def rows(*, rounds: int = ROUNDS) -> Iterator[Row]:
    """Processor time of a process, with bytecode."""
    taken = figures("start", str(rounds))
    yield Row("1 cold start", taken["ours"], "ms CPU", taken["peer"], at_most_times(0.75))
    yield Row("1 modules then", taken["our_modules"], "modules", taken["peer_modules"])
