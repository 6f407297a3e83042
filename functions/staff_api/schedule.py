"""When the schedule writes: what is set, and setting it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.mailing.quiet_days import Land, last_year
from meterportal.domain.mailing.schedules import (
    NOTICE,
    LastStep,
    Reminders,
    Schedule,
    ScheduleChanged,
    ScheduleRefused,
    Since,
    read_schedule,
)
from meterportal.http import Answer, Body, Number, refuses
from meterportal.settings import moment
from meterportal.usecases.mailing.schedule_now import schedule_now
from meterportal.usecases.mailing.set_schedule import set_schedule
from pydantic import Field, StrictInt

from staff_api.answers.schedule import ComingDayJson, ReminderDayJson, ScheduleJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_COMING = 14
"""Days of which is said whether mails go out."""


class ReminderDayBody(Body):
    """So many days after the request or the due date; before it they are negative."""

    days: StrictInt
    since: Annotated[Since, Field(strict=False)]


class OwnTermsBody(Body):
    """What a contract has of its own; what is absent or null is as the dealer's."""

    lead_days: StrictInt | None = None
    reminders: Annotated[list[ReminderDayBody], Field(max_length=10)] | None = None
    grace_days: StrictInt | None = None
    last_step: Annotated[LastStep | None, Field(strict=False)] = None


class ScheduleBody(Body):
    """The whole schedule, with the version that was seen (0: nothing was set yet)."""

    version: StrictInt
    lead_days: StrictInt
    reminders: Annotated[list[ReminderDayBody], Field(max_length=10)]
    grace_days: StrictInt
    hour: StrictInt
    weekends: bool
    land: Annotated[Land | None, Field(strict=False)] = None
    last_step: Annotated[LastStep, Field(strict=False)]
    announce_after: StrictInt
    contracts: dict[Number, OwnTermsBody] = Field(default_factory=dict)


@router.get("/api/staff/schedule", summary="When mails go out by themselves")
def show() -> Answer[ScheduleJson]:
    """What counts, and which of the coming days are quiet."""
    staff = staff_of(router.current_event.raw_event, "read")
    return _answer(schedule_now(adapters()), staff.language)


@router.put(
    "/api/staff/schedule",
    summary="Set when mails go out by themselves",
    responses=refuses(ScheduleChanged, ScheduleRefused),
)
def write(body: ScheduleBody) -> Answer[ScheduleJson]:
    """It counts from the next hour on."""
    staff = staff_of(router.current_event.raw_event, "admin")
    wanted = read_schedule(body.model_dump())
    stored = set_schedule(adapters(), moment(), wanted, seen=body.version, by=staff.member)
    return _answer(stored, staff.language)


def _answer(schedule: Schedule, language: str) -> Answer[ScheduleJson]:
    return Answer(
        {
            "version": schedule.version,
            "lead_days": schedule.lead_days,
            "reminders": _reminders(schedule.reminders),
            "grace_days": schedule.grace_days,
            "hour": schedule.hour,
            "weekends": schedule.weekends,
            "land": schedule.land,
            "last_step": schedule.last_step,
            "announce_after": schedule.announce_after,
            "notice_days": NOTICE.days,
            "contracts": {
                number: {
                    "lead_days": own.lead_days,
                    "reminders": None if own.reminders is None else _reminders(own.reminders),
                    "grace_days": own.grace_days,
                    "last_step": own.last_step,
                }
                for number, own in schedule.contracts.items()
            },
            "holidays_until": last_year(),
            "coming": [_coming(schedule, ahead, language) for ahead in range(_COMING)],
        }
    )


def _coming(schedule: Schedule, ahead: int, language: str) -> ComingDayJson:
    day = moment().today + timedelta(days=ahead)
    quiet = schedule.quiet(day)
    return {"on": day.isoformat(), "quiet": quiet.text(language) if quiet else None}


def _reminders(reminders: Reminders) -> list[ReminderDayJson]:
    return [{"days": one.days, "since": one.since} for one in reminders]
