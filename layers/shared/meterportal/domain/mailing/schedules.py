"""When the schedule writes by itself: the dealer's settings, and those of single contracts.

What nobody has set comes from the installation's parameters (`first`). Settings are written and read as
plain data (`plain`, `read_schedule`); values out of bounds are refused with their field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.marks import REMINDERS
from meterportal.domain.mailing.quiet_days import Land, Quiet, why_quiet
from meterportal.domain.refusals import ChangedMeanwhile, Refusal
from meterportal.domain.tables.cleaning import clean

MOST_CONTRACTS = 500
EARLIEST_HOUR, LATEST_HOUR = 5, 20
"""Within these hours the clocks never change, and nobody is woken."""

CAUGHT_UP = 2
"""So many hours after its hour a daily plan begins that has not begun; later staff decide."""

MOST_LEAD_DAYS = 90
MOST_GRACE_DAYS = 90
MOST_ANNOUNCE_AFTER = 60
THIRD_DAY = 3
"""A reminder goes out on the third day after the request at the earliest."""

NOTICE = timedelta(days=7)
"""So long before it is done an estimate is announced, at least."""

_LONGEST_NUMBER = 64


class LastStep(StrEnum):
    """What follows on the last reminder: somebody calls, or the portal estimates and announces it first."""

    CALLS = "calls"
    ESTIMATE = "estimate"


class Since(StrEnum):
    """What the days of a reminder are counted from: the day of the request, or the due date."""

    REQUEST = "request"
    DUE = "due"


_BOUNDS = {Since.REQUEST: (1, 90), Since.DUE: (-60, 60)}


@frozen
class ReminderDay:
    """`days` after `since`; before the due date they are negative."""

    days: int
    since: Since = Since.REQUEST


Reminders = tuple[ReminderDay, ...]


@frozen
class OwnTerms:
    """What a contract has of its own; None: as the dealer's. No reminders: ()."""

    lead_days: int | None = None
    reminders: Reminders | None = None
    grace_days: int | None = None
    last_step: LastStep | None = None


@frozen
class Schedule:
    """The dealer's settings, and the contracts with terms of their own. `hour` is that of sending in the
    business's time zone; on quiet days (`weekends`, holidays of `land`) nothing is sent by itself. An estimate
    is announced `announce_after` days after the due date.
    `version` is 0 while nothing was set."""

    lead_days: int
    reminders: Reminders
    grace_days: int
    hour: int = 7
    weekends: bool = False
    land: Land | None = None
    contracts: Mapping[str, OwnTerms] = field(default_factory=dict)
    last_step: LastStep = LastStep.CALLS
    announce_after: int = 3
    version: int = 0

    def lead_days_of(self, contract_id: str) -> int:
        """So many days before its due date a contract is asked for."""
        own = self.contracts.get(contract_id)
        return self.lead_days if own is None or own.lead_days is None else own.lead_days

    def grace_days_of(self, contract_id: str) -> int:
        """A reading dated at most so many days before a contract's due date counts for the period."""
        own = self.contracts.get(contract_id)
        return self.grace_days if own is None or own.grace_days is None else own.grace_days

    def reminders_of(self, contract_id: str) -> Reminders:
        own = self.contracts.get(contract_id)
        return self.reminders if own is None or own.reminders is None else own.reminders

    def last_step_of(self, contract_id: str) -> LastStep:
        own = self.contracts.get(contract_id)
        return self.last_step if own is None or own.last_step is None else own.last_step

    @property
    def estimates(self) -> bool:
        """Whether it estimates anybody's readings."""
        steps = [self.last_step, *(own.last_step for own in self.contracts.values())]
        return LastStep.ESTIMATE in steps

    def estimated_on(self, announced_on: date) -> date:
        """The day of an estimate that is announced on a day: the first behind the notice that is not
        quiet."""
        day = announced_on + NOTICE
        while self.quiet(day):
            day += timedelta(days=1)
        return day

    @property
    def reminds(self) -> bool:
        """Whether it reminds anybody at all."""
        return bool(self.reminders) or any(own.reminders for own in self.contracts.values())

    def quiet(self, day: date) -> Quiet | None:
        """Why nothing is sent on a day; None on a day of sending."""
        return why_quiet(day, weekends=self.weekends, land=self.land)

    def sends(self, day: date, hour: int) -> bool:
        """Whether the daily plan may begin in this hour of a day: its own, or one shortly after."""
        latest = min(self.hour + CAUGHT_UP, LATEST_HOUR)
        return self.hour <= hour <= latest and self.quiet(day) is None


def first(lead_days: int, remind_after: tuple[int, ...], grace_days: int) -> Schedule:
    """What counts until somebody sets a schedule: an installation's parameters."""
    reminders = tuple(ReminderDay(days) for days in remind_after[:REMINDERS])
    return Schedule(lead_days, reminders, grace_days)


def reminded_from(
    reminders: Reminders, sent: int, *, asked_on: date, last_on: date, due_on: date
) -> date | None:
    """The first day of the reminder after `sent` of them, None when there is none.

    It keeps its distance: from the request until the third day; from the reminder before (`last_on`) as
    many days as are planned between the two, three where they are counted from different days.
    """
    if sent >= len(reminders):
        return None
    this = reminders[sent]
    from_ = asked_on if this.since is Since.REQUEST else due_on
    day = max(from_ + timedelta(days=this.days), asked_on + timedelta(days=THIRD_DAY))
    if sent:
        before = reminders[sent - 1]
        apart = this.days - before.days if this.since is before.since else THIRD_DAY
        day = max(day, last_on + timedelta(days=apart))
    return day


class ScheduleRefused(Refusal):
    """Facts: `de`, `en` with the reason in words."""

    code = "schedule_refused"
    de = "{de}"
    en = "{en}"


class ScheduleChanged(ChangedMeanwhile):
    """Facts: `version`, the stored one."""

    de = "Der Zeitplan wurde inzwischen geändert. Bitte sehen Sie ihn neu an."
    en = "The schedule has been changed meanwhile. Please look at it again."


def read_schedule(given: Mapping[str, Any]) -> Schedule:
    """Settings from plain data, as `plain` gives them. Raises ScheduleRefused."""
    contracts = given.get("contracts", {})
    if len(contracts) > MOST_CONTRACTS:
        raise ScheduleRefused(
            field="contracts",
            de=f"Höchstens {MOST_CONTRACTS} Verträge haben eigene Angaben.",
            en=f"At most {MOST_CONTRACTS} contracts have terms of their own.",
        )
    return Schedule(
        _whole(given["lead_days"], "lead_days", 0, MOST_LEAD_DAYS),
        _reminders(given["reminders"], "reminders"),
        _whole(given["grace_days"], "grace_days", 0, MOST_GRACE_DAYS),
        _whole(given["hour"], "hour", EARLIEST_HOUR, LATEST_HOUR),
        given["weekends"] is True,
        Land(given["land"]) if given["land"] else None,
        dict(_own(number, own) for number, own in contracts.items()),
        LastStep(given["last_step"]),
        _whole(given["announce_after"], "announce_after", 0, MOST_ANNOUNCE_AFTER),
        given.get("version", 0),
    )


def _own(number: str, given: Mapping[str, Any]) -> tuple[str, OwnTerms]:
    name = clean(number)
    if not 0 < len(name) <= _LONGEST_NUMBER:
        raise ScheduleRefused(
            field="contracts",
            de=f"Eine Vertragsnummer hat 1 bis {_LONGEST_NUMBER} lesbare Zeichen.",
            en=f"A contract's number has 1 to {_LONGEST_NUMBER} readable characters.",
        )
    lead, reminders, grace = (given.get(one) for one in ("lead_days", "reminders", "grace_days"))
    step = given.get("last_step")
    place = f"contracts.{name}"
    return name, OwnTerms(
        None if lead is None else _whole(lead, f"{place}.lead_days", 0, MOST_LEAD_DAYS),
        None if reminders is None else _reminders(reminders, f"{place}.reminders"),
        None if grace is None else _whole(grace, f"{place}.grace_days", 0, MOST_GRACE_DAYS),
        None if step is None else LastStep(step),
    )


def _whole(value: Any, place: str, least: int, most: int) -> int:
    if type(value) is int and least <= value <= most:
        return value
    raise ScheduleRefused(
        field=place,
        de=f"Hier steht eine ganze Zahl von {least} bis {most}.",
        en=f"Here stands a whole number from {least} to {most}.",
    )


def _reminders(given: Any, place: str) -> Reminders:
    if len(given) > REMINDERS:
        raise ScheduleRefused(
            field=place,
            de=f"Erinnert wird höchstens {REMINDERS}-mal; danach ruft jemand an.",
            en=f"There are at most {REMINDERS} reminders; after them somebody calls.",
        )
    found = []
    for one in given:
        since = Since(one["since"])
        found.append(ReminderDay(_whole(one["days"], place, *_BOUNDS[since]), since))
    for before, after in pairwise(found):
        if before.since is after.since and after.days <= before.days:
            raise ScheduleRefused(
                field=place,
                de="Die zweite Erinnerung kommt nach der ersten.",
                en="The second reminder comes after the first.",
            )
    return tuple(found)


def plain(schedule: Schedule) -> dict[str, Any]:
    """The settings as plain data, without their version."""
    return {
        "lead_days": schedule.lead_days,
        "reminders": _plain_reminders(schedule.reminders),
        "grace_days": schedule.grace_days,
        "hour": schedule.hour,
        "weekends": schedule.weekends,
        "land": schedule.land.value if schedule.land else "",
        "contracts": {
            number: {
                "lead_days": own.lead_days,
                "reminders": None if own.reminders is None else _plain_reminders(own.reminders),
                "grace_days": own.grace_days,
                "last_step": own.last_step.value if own.last_step else None,
            }
            for number, own in schedule.contracts.items()
        },
        "last_step": schedule.last_step.value,
        "announce_after": schedule.announce_after,
    }


def _plain_reminders(reminders: Reminders) -> list[dict[str, Any]]:
    return [{"days": one.days, "since": one.since.value} for one in reminders]
