"""The schedule's last step where it is an estimate: which contracts were told, and whose day has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from meterportal.domain.mailing.marks import Mailed, announcement
from meterportal.domain.mailing.schedules import LastStep, Schedule
from meterportal.domain.portfolio.contracts import Contract, ReadingChannel


def announcements(contract: Contract) -> Iterator[tuple[str, Mailed]]:
    """Who was told of an estimate for the current period, by which mail."""
    for contact_id in contract.asked:
        mail = announcement(contract, contact_id)
        if mail is not None:
            yield contact_id, mail


def estimate_on(contract: Contract) -> date | None:
    """The latest day that was announced; None where nothing was."""
    days = [mail.estimate_on for _, mail in announcements(contract) if mail.estimate_on]
    return max(days, default=None)


def may_be_estimated(contract: Contract, schedule: Schedule, today: date) -> bool:
    """Whether a contract's announced day has come, judged by the contract alone."""
    if schedule.last_step_of(contract.id) is not LastStep.ESTIMATE:
        return False
    if contract.reading_channel is not ReadingChannel.PORTAL or not contract.running(today):
        return False
    day = estimate_on(contract)
    return day is not None and day <= today
