"""The schedule that counts; everything that waits for a day reads it here.

Apart from `set_schedule`, because every report asks for the grace days, and a start would pay for the
journal, too.
"""

from __future__ import annotations

from functools import cache, partial

from meterportal.adapters import Adapters
from meterportal.domain.mailing.schedules import Schedule, first
from meterportal.domain.portfolio.progress import Grace
from meterportal.store.mailing import schedules


def usual(adapters: Adapters) -> Schedule:
    """The installation's parameters: they count where nothing is set."""
    settings = adapters.settings
    return first(settings.lead_days, settings.remind_after_days, settings.grace_days)


def schedule_now(adapters: Adapters) -> Schedule:
    """What counts: what is set, else the installation's parameters. One read."""
    return schedules.load(adapters.table, usual(adapters))


def grace_now(adapters: Adapters) -> Grace:
    """The grace days of contracts. One read, when somebody asks for them first: a contract that was asked
    takes every day of reading."""
    schedule = cache(partial(schedule_now, adapters))
    return lambda contract_id: schedule().grace_days_of(contract_id)
