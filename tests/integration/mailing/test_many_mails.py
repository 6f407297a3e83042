"""A round that takes days: the account's quota is used, its rate kept, and no mail is lost or goes out twice, with
workers that die at every step. In virtual time; beside table and SES all of it is the real code."""

from __future__ import annotations

import math
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.mails import MailState

from tests.support.clock import BEGIN
from tests.support.sending.planned import planned
from tests.support.sending.simulation import Simulation
from tests.support.stage import Stage


@pytest.mark.parametrize(
    ("mails", "rate", "quota", "workers", "deadly"),
    [
        pytest.param(3_000, 10, 1_000, 2, 251, id="short"),
        pytest.param(1_000_000, 50, 200_000, 5, 9_973, id="long", marks=pytest.mark.long),
    ],
)
def test_quota_and_rate_are_used_and_no_mail_is_lost_or_sent_twice(
    stage: Stage, adapters: Adapters, mails: int, rate: int, quota: int, workers: int, deadly: int
) -> None:
    round_id, kept = planned(stage, adapters, mails)
    run = Simulation(
        kept,
        round_id,
        adapters.settings,
        begin=BEGIN,
        rate=rate,
        quota=quota,
        workers=workers,
        deadly=deadly,
    )
    run.run()

    ended, ses = run.states(), run.ses
    told: dict[str, Any] = {
        "states": ended,
        "refused": ses.refused,
        "by_day": ses.by_day,
        "unanswered": ses.unanswered,
        "deaths": run.deaths,
    }
    doubted = list(run.in_doubt())
    # None lost: each has ended, and what is in doubt is a lost answer or a death after the claim.
    assert set(ended) <= {MailState.SENT.value, MailState.IN_DOUBT.value}, told
    assert ended.total() == mails
    assert ended[MailState.SENT.value] + sum(ses.taken[one] for one in doubted) == ses.taken.total()
    assert len(doubted) <= ses.unanswered + run.deaths.total()
    assert run.queue.dead == []
    # None twice.
    assert max(ses.taken.values()) == 1
    # The rate is kept, and the quota used: of every day in which mails waited to its end.
    assert ses.refused["rate"] <= 0.001 * mails, told
    full_days = math.ceil(mails / quota) - 1
    assert all(ses.by_day[day] >= 0.99 * quota for day in range(full_days)), told
    # Workers died at each kind of step.
    assert set(run.deaths) >= {
        "BatchGetItem",
        "Query",
        "TransactWriteItems",
        "SendEmail",
        "UpdateItem",
    }
