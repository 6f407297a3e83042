"""When the account, or what came back of a round, keeps its mails waiting; and the words for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from meterportal.domain.mailing.account import (
    SendingAccount,
    Stop,
    obstacle,
    text_of_end,
    too_many_returned,
)
from meterportal.domain.mailing.mails import Fate, MailState, OutboxMail
from meterportal.mail.account_watch import AccountWatch

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FREE = SendingAccount(sandbox=False, sending=True, quota=50_000, sent=0)


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (FREE, None),
        (replace(FREE, sent=49_999), None),
        (replace(FREE, sent=50_000), Stop.QUOTA_REACHED),
        (replace(FREE, quota=None, sent=1e9), None),
        (replace(FREE, sandbox=True), Stop.SANDBOX),
        (replace(FREE, sending=False, sandbox=True, sent=50_000), Stop.SENDING_PAUSED),
    ],
)
def test_what_keeps_the_account_from_sending(
    account: SendingAccount, expected: Stop | None
) -> None:
    assert obstacle(account) is expected


def test_an_accepted_sandbox_still_has_a_quota() -> None:
    sandbox = replace(FREE, sandbox=True, quota=200)
    assert obstacle(sandbox, sandbox_accepted=True) is None
    full = replace(sandbox, sent=200)
    assert obstacle(full, sandbox_accepted=True) is Stop.QUOTA_REACHED


BY_STAFF = {Stop.PAUSED, Stop.ENDED}
"""Stops that have words of their own."""


def mails(
    sent: int, fate: Fate | None = None, sent_at: datetime = NOON, state: MailState = MailState.SENT
) -> list[OutboxMail]:
    one = OutboxMail("r", "box", state, (), NOON, sent_at=sent_at, fate=fate)
    return [one] * sent


@pytest.mark.parametrize(
    ("delivered", "bounced", "complained", "expected"),
    [
        (9, 1, 0, None),  # a tenth, but a single one says nothing
        (0, 4, 0, None),
        (0, 5, 0, Stop.MANY_BOUNCES),
        (120, 5, 0, None),  # 4 % exactly
        (119, 5, 0, Stop.MANY_BOUNCES),
        (10, 0, 1, None),
        (10, 0, 2, Stop.MANY_COMPLAINTS),
        (1998, 0, 2, None),  # 0.1 % exactly
        (1997, 0, 2, Stop.MANY_COMPLAINTS),
        (50, 5, 2, Stop.MANY_COMPLAINTS),
    ],
)
def test_how_many_mails_may_come_back(
    delivered: int, bounced: int, complained: int, expected: Stop | None
) -> None:
    found = [
        *mails(delivered, Fate.DELIVERED),
        *mails(bounced, Fate.BOUNCED),
        *mails(complained, Fate.COMPLAINED),
        *mails(500, state=MailState.PLANNED),
    ]
    assert too_many_returned(found, None) is expected


def test_soft_bounces_and_what_staff_have_let_pass_do_not_count() -> None:
    assert too_many_returned(mails(50, Fate.SOFT_BOUNCED), None) is None
    early = mails(50, Fate.BOUNCED)
    assert too_many_returned(early, NOON) is None
    later = mails(5, Fate.BOUNCED, NOON + timedelta(minutes=1))
    assert too_many_returned([*early, *later], NOON) is Stop.MANY_BOUNCES


@pytest.mark.parametrize("stop", [stop for stop in Stop if stop not in BY_STAFF])
def test_every_stop_says_what_waits_and_how_it_goes_on(stop: Stop) -> None:
    german, english = stop.text(1204, "de"), stop.text(1204, "en")
    assert german.startswith("Versand gestoppt: ")
    assert "1.204 E-Mails warten" in german
    assert "„Weiter senden“" in german
    assert english.startswith("Sending stopped: ")
    assert "1,204 mails wait" in english
    assert "“Go on sending”" in english
    assert ("von selbst" in german) == stop.lifted_by_itself == ("by itself" in english)
    assert "1 E-Mail wartet" in stop.text(1, "de")


class Ses:
    """Answers as it is told, and counts."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.answer: dict[str, object] = {}

    def get_account(self) -> dict[str, object]:
        self.asked["account"] += 1
        return self.answer


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, SendingAccount(sandbox=False, sending=True, quota=None, sent=0)),
        (
            {"SendQuota": {"Max24HourSend": -1.0, "SentLast24Hours": 7.0}},
            SendingAccount(sandbox=False, sending=True, quota=None, sent=7),
        ),
        (
            {"ProductionAccessEnabled": False, "SendQuota": {"Max24HourSend": 200.0}},
            SendingAccount(sandbox=True, sending=True, quota=200, sent=0),
        ),
        (
            {"SendingEnabled": True, "EnforcementStatus": "SHUTDOWN"},
            SendingAccount(sandbox=False, sending=False, quota=None, sent=0),
        ),
        (
            {"SendingEnabled": True, "EnforcementStatus": "PROBATION"},
            SendingAccount(sandbox=False, sending=True, quota=None, sent=0),
        ),
    ],
)
def test_how_the_account_is_read(answer: dict[str, object], expected: SendingAccount) -> None:
    ses = Ses()
    ses.answer = answer
    assert AccountWatch(ses).look(NOON) == expected


def test_the_account_is_read_once_a_minute_and_after_a_moment_that_matters() -> None:
    ses = Ses()
    watch = AccountWatch(ses)
    for second in range(60):
        watch.look(NOON + timedelta(seconds=second))
    assert ses.asked["account"] == 1
    watch.look(NOON + timedelta(seconds=60))
    assert ses.asked["account"] == 2
    resumed = NOON + timedelta(seconds=70)
    for second in range(71, 80):
        watch.look(NOON + timedelta(seconds=second), after=resumed)
    assert ses.asked["account"] == 3
    watch.look(NOON - timedelta(hours=1))  # a clock that was put back
    assert ses.asked["account"] == 4


def test_a_pause_by_staff_says_what_waits_and_how_it_goes_on() -> None:
    assert not Stop.PAUSED.lifted_by_itself
    german, english = Stop.PAUSED.text(1204, "de"), Stop.PAUSED.text(1, "en")
    assert german.startswith("Versand angehalten, von Hand. 1.204 E-Mails warten")
    assert "„Weiter senden“" in german
    assert english.startswith("Sending paused by hand. 1 mail waits")
    assert "“Go on sending”" in english


@pytest.mark.parametrize(("waiting", "word"), [(3, "Noch zurückzunehmen: 3."), (0, "Nicht mehr")])
def test_an_end_by_staff_says_what_it_leaves(waiting: int, word: str) -> None:
    told = text_of_end(1204, waiting, 2, "de")
    assert "Versendet: 1.204" in told
    assert word in told
