"""The schedule's last step where it is an estimate: which contracts were told, and whose day has come."""

from __future__ import annotations

from datetime import date

from meterportal.domain.mailing.marks import estimate_on
from meterportal.domain.mailing.schedules import LastStep, Schedule
from meterportal.domain.portfolio.contracts import Contract, ReadingChannel


def may_be_estimated(contract: Contract, schedule: Schedule, today: date) -> bool:
    """Whether a contract's announced day has come, judged by the contract alone."""
    day = _kept_day(contract, schedule, today)
    return day is not None and day <= today


def awaited_on(contract: Contract, schedule: Schedule, today: date) -> date | None:
    """The day, today or later, on which the schedule estimates a contract as it was announced. None where
    nothing was, where somebody calls instead by now, and where the day has passed without an estimate: then
    it is on staff."""
    day = _kept_day(contract, schedule, today)
    return day if day is not None and day >= today else None


def _kept_day(contract: Contract, schedule: Schedule, today: date) -> date | None:
    """The announced day as far as the schedule keeps to it still."""
    if schedule.last_step_of(contract.id) is not LastStep.ESTIMATE:
        return None
    if contract.reading_channel is not ReadingChannel.PORTAL or not contract.running(today):
        return None
    return estimate_on(contract)
