"""Time that passes only while everybody sleeps: what takes weeks is over in minutes, in the order in which it
would happen."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from greenlet import getcurrent, greenlet


class VirtualTime:
    """Runs functions side by side; each gives way whenever it sleeps."""

    def __init__(self, begin: datetime) -> None:
        self._now = begin.timestamp()
        self._hub = getcurrent()
        self._order = count()
        self._waiting: list[tuple[float, int, greenlet]] = []

    def time(self) -> float:
        """Seconds since 1970."""
        return self._now

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now, UTC)

    def spawn(self, run: Callable[[], object]) -> None:
        self._push(self._now, greenlet(run, self._hub))

    def sleep(self, seconds: float) -> None:
        self._push(self._now + seconds, getcurrent())
        self._hub.switch()

    def run(self) -> None:
        """Until all have ended."""
        while self._waiting:
            self._now, _, first = heapq.heappop(self._waiting)
            first.switch()

    def _push(self, at: float, who: greenlet) -> None:
        heapq.heappush(self._waiting, (at, next(self._order), who))
