"""The pace of sending, shared by all workers: an item for each lane says up to when its turns are given away."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable

from meterportal.domain.mailing.pace import PaceLease, lanes_of, turns_at_once
from meterportal.domain.refusals import Unavailable
from meterportal.store import keys
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write

_MICRO = 1_000_000
_TRIES = 20
_LOOKED_AT = 3
"""Lanes in which a worker looks for turns that nobody has taken; then it waits behind the others of one."""
_LONGEST = 5.0
"""Seconds that a mail waits for its turn at most: then its message comes back later."""


class SendingTurns:
    """A worker's share; it keeps its lane and its lease for as long as the process lives. `new_mark` gives ids that
    are given once."""

    def __init__(
        self,
        table: Table,
        new_mark: Callable[[], str],
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._table = table
        self._new_mark = new_mark
        self._sleep = sleep
        self._clock = clock
        self._lease = PaceLease(0, 1, 0)
        self._used = 0
        self._lane: int | None = None
        self._given_until = 0

    def await_turn(self, rate: float) -> None:
        """Returns when one more mail may go out, `rate` a second of all workers together. One write for some
        of them. Raises Unavailable where its turn would come too late, or the table does not answer.
        """
        found = self._lease.turn(self._clock(), self._used)
        while found is None:
            self._lease, self._used = self._take(rate), 0
            found = self._lease.turn(self._clock(), 0)
        number, begins = found
        self._used = number + 1
        wait = begins - self._clock()
        if wait > 0:
            self._sleep(wait)

    def _take(self, rate: float) -> PaceLease:
        lanes = lanes_of(rate)
        pace = rate / lanes
        turns = turns_at_once(pace)
        taken: dict[int, int] = {}
        lane = self._lane
        if lane is None or lane >= lanes:
            lane, self._given_until = self._any_of(lanes), 0
        for _ in range(_TRIES):
            now = int(self._clock() * _MICRO)
            begins = max(now, self._given_until)
            if begins - now > _LONGEST * _MICRO:
                # Whoever has said so may be mistaken about the time: look at the item again next time.
                self._given_until = 0
                raise Unavailable
            until = begins + int(turns * _MICRO / pace)
            try:
                self._table.write(self._give(lane, begins, until))
            except ConditionFailed as failed:
                stood = failed.stood()
                taken[lane] = stood["given_until"] if stood else 0
                if len(taken) < min(lanes, _LOOKED_AT):
                    lane = self._any_of(lanes)
                else:
                    lane = min(taken, key=lambda one: taken[one])
                self._given_until = taken.get(lane, 0)
            else:
                self._lane, self._given_until = lane, until
                return PaceLease(begins / _MICRO, 1 / pace, turns)
        raise Unavailable

    def _any_of(self, lanes: int) -> int:
        return zlib.crc32(self._new_mark().encode()) % lanes

    def _give(self, lane: int, begins: int, until: int) -> Write:
        """Gives away the time between; fails where others have taken some of it. Without the mark two workers
        that want the same would look like one whose write was repeated."""
        return Write(
            key=keys.sending_pace(lane),
            update="SET #given_until = :until, #mark = :mark",
            condition="attribute_not_exists(#given_until) OR #given_until <= :begins",
            values={"until": until, "begins": begins, "mark": self._new_mark()},
        )
