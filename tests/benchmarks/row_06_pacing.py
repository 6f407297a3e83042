"""Row 6: a round in virtual time at several rates of SES, with 2 % of the calls refused at random and workers that
die at any request; beside what the account allows.

Beside table, queue and SES all of it is the product's own code (`tests/support/sending`). `make long` sends a
million mails in the same way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import pytest
from meterportal.adapters import adapters
from meterportal.domain.mailing.mails import MailState
from meterportal.domain.mailing.pace import lanes_of

from tests.benchmarks.figures import Row, at_least_times, at_most
from tests.conftest import built
from tests.support.clock import BEGIN
from tests.support.sending.planned import planned
from tests.support.sending.simulation import Simulation

RATES = (14, 50, 300, 500)
"""Mails a second."""

MAILS = 6_000
"""Of a round at least: what a worker takes with it that dies must not count for more than it does in a long one."""

_SECONDS = 30
"""That a round takes at least."""

QUOTA = 1_000
"""Mails a day, half of what waits, at the lowest of the rates."""

_DEATHS, _STEPS = 4, 9
"""About so many workers die in a round: each takes the turns of half a second of its lane with it. Steps of a mail."""


def rows(*, rates: Sequence[int] = RATES, mails: int = MAILS, quota: int = QUOTA) -> Iterator[Row]:
    """The pace without a quota that counts, then the quota of a day."""
    logging.disable()
    for rate in rates:
        seconds = max(_SECONDS, mails // rate)
        sending = seconds * rate
        run = _sent(sending, rate=rate, quota=10 * sending, workers=2 + 3 * lanes_of(rate) // 2)
        # From when all workers have a lane until mails become few.
        within = range(5, seconds * 2 // 3)
        pace = sum(run.ses.by_second[second] for second in within) / len(within)
        yield Row(f"6 SES at {rate} a second, used", pace, "calls/s", rate, at_least_times(0.99))
        yield from _told(f"6 SES at {rate} a second", run, sending)
    run = _sent(2 * quota, rate=rates[0], quota=quota, workers=2)
    first_day = run.ses.by_day[0]
    yield Row("6 SES's quota, used", first_day, "mails a day", quota, at_least_times(0.99))
    yield from _told("6 SES's quota", run, 2 * quota)


def _told(name: str, run: Simulation, mails: int) -> Iterator[Row]:
    """`refused` for the rate, not at random; the reference of what is in doubt is what of it has arrived."""
    ended, ses, doubted = run.states(), run.ses, list(run.in_doubt())
    lost = mails - ended[MailState.SENT.value] - len(doubted)
    twice = sum(times - 1 for times in ses.taken.values())
    arrived = sum(ses.taken[address] for address in doubted)
    yield Row(f"{name}, refused", 100 * ses.refused["rate"] / mails, "%", goal=at_most(0.1))
    yield Row(f"{name}, lost", lost, "mails", goal=at_most(0))
    yield Row(f"{name}, twice", twice, "mails", goal=at_most(0))
    yield Row(f"{name}, in doubt", len(doubted), "mails", arrived)
    yield Row(f"{name}, deaths", run.deaths.total(), "workers")


def _sent(mails: int, *, rate: int, quota: int, workers: int) -> Simulation:
    with pytest.MonkeyPatch.context() as monkeypatch, built(monkeypatch) as stage:
        made = adapters()
        round_id, kept = planned(stage, made, mails)
        run = Simulation(
            kept,
            round_id,
            made.settings,
            begin=BEGIN,
            rate=rate,
            quota=quota,
            workers=workers,
            deadly=mails * _STEPS // _DEATHS,
        )
        run.run()
    return run
