"""Turns to send: one a mail, given away once, whoever takes them."""

from __future__ import annotations

from itertools import count, pairwise

import pytest
from meterportal.domain.mailing.account import SendingAccount, worthwhile
from meterportal.domain.mailing.pace import PaceLease, lanes_of, turns_at_once
from meterportal.domain.refusals import Unavailable
from meterportal.store import keys
from meterportal.store.items import Item
from meterportal.store.mailing.paces import SendingTurns
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write

from tests.support.sending.conditions import meets, updated

NOON = 1_795_000_000.0


@pytest.mark.parametrize(("pace", "turns"), [(0.5, 1), (1, 1), (3, 2), (6.3, 3), (7, 4)])
def test_a_lease_holds_half_a_second(pace: float, turns: int) -> None:
    assert turns_at_once(pace) == turns


@pytest.mark.parametrize(("rate", "lanes"), [(0.5, 1), (7, 1), (14, 2), (50, 8), (500, 72)])
def test_a_lane_is_as_fast_as_a_worker(rate: float, lanes: int) -> None:
    assert lanes_of(rate) == lanes


@pytest.mark.parametrize(
    ("now", "used", "expected"),
    [
        (NOON - 1, 0, (0, NOON)),  # not begun
        (NOON + 0.05, 0, (0, NOON)),  # its turn is now
        (NOON + 0.05, 1, (1, NOON + 0.1)),
        (NOON + 0.25, 1, (2, NOON + 0.2)),  # what was missed lapses
        (NOON + 0.35, 4, None),
        (NOON + 0.41, 0, None),
    ],
)
def test_a_turn_is_used_once_and_not_after_its_time(
    now: float, used: int, expected: tuple[int, float] | None
) -> None:
    found = PaceLease(NOON, 0.1, 4).turn(now, used)
    assert (found is None) is (expected is None)
    assert (found or (0, 0)) == pytest.approx(expected or (0, 0))


class OneItem(Table):
    """As much of a table as the pace needs."""

    def __init__(self) -> None:
        super().__init__(None, "table")
        self.item: Item | None = None
        self.writes = 0

    def write(self, write: Write) -> None:
        self.writes += 1
        assert write.key == keys.sending_pace(0)
        if not meets(write, self.item):
            raise ConditionFailed([(write, self.item)])
        self.item = updated(write, self.item or {})


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def a_worker(table: Table, clock: Clock, marks: count[int]) -> SendingTurns:
    return SendingTurns(table, lambda: str(next(marks)), sleep=clock.sleep, clock=lambda: clock.now)


def test_two_workers_share_one_pace_and_the_turns_of_a_dead_one_lapse() -> None:
    table, clock, marks = OneItem(), Clock(), count()
    one, two, dead = (a_worker(table, clock, marks) for _ in range(3))
    dead.await_turn(6)
    sent = []
    for turn in range(100):
        (one if turn % 7 else two).await_turn(6)
        sent.append(clock.now)
    assert sent[0] - NOON == pytest.approx(0.5), "the dead one's three turns are all that is lost"
    assert all(later >= earlier for earlier, later in pairwise(sent))
    for begin in range(int(sent[-1] - NOON)):
        within = [at for at in sent if NOON + begin <= at < NOON + begin + 1]
        assert len(within) <= 7


def test_one_write_gives_the_turns_of_half_a_second() -> None:
    table, clock = OneItem(), Clock()
    worker = a_worker(table, clock, count())
    for _ in range(30):
        worker.await_turn(6)
    assert table.writes == 10
    assert clock.now - NOON == pytest.approx(29 / 6, abs=0.01)


def test_nobody_waits_longer_than_some_seconds() -> None:
    table, clock, marks = OneItem(), Clock(), count()
    table.item = {"given_until": int((NOON + 60) * 1_000_000), "mark": "x"}
    with pytest.raises(Unavailable):
        a_worker(table, clock, marks).await_turn(5)
    assert clock.now == NOON


def test_a_round_that_met_the_quota_goes_on_for_a_twentieth_of_it() -> None:
    account = SendingAccount(sandbox=False, sending=True, quota=1_000, sent=951)
    assert not worthwhile(account)
    assert worthwhile(SendingAccount(sandbox=False, sending=True, quota=1_000, sent=950))
    assert worthwhile(SendingAccount(sandbox=False, sending=True, quota=None, sent=1e9))
