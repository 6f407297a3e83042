"""When the schedule writes."""

from typing import Annotated

from meterportal.domain.mailing.quiet_days import Land
from meterportal.domain.mailing.schedules import LastStep, Since
from meterportal.http import IsoDay
from pydantic import Field
from typing_extensions import TypedDict


class ReminderDayJson(TypedDict):
    """So many days after the request or the due date; before it they are negative."""

    days: int
    since: Since


class OwnTermsJson(TypedDict):
    """What a contract has of its own; null: as the dealer's."""

    lead_days: int | None
    reminders: list[ReminderDayJson] | None
    grace_days: int | None
    last_step: LastStep | None


class ComingDayJson(TypedDict):
    """A day of the schedule."""

    on: IsoDay
    quiet: Annotated[str | None, Field(description="Why nothing is sent, in words")]


class ScheduleJson(TypedDict):
    """What counts; version 0 while nothing was set and the installation's parameters count."""

    version: int
    lead_days: Annotated[
        int, Field(description="A reading is asked for so many days before it is due")
    ]
    reminders: list[ReminderDayJson]
    grace_days: Annotated[
        int, Field(description="A reading may be dated so many days before it is due")
    ]
    hour: Annotated[int, Field(description="Hour of sending, in German time")]
    weekends: Annotated[bool, Field(description="Nothing is sent on weekends")]
    land: Annotated[Land | None, Field(description="Nothing is sent on this Land's holidays")]
    last_step: LastStep
    announce_after: Annotated[
        int, Field(description="An estimate is announced so many days after the due date")
    ]
    notice_days: Annotated[int, Field(description="From the announcement to the estimate")]
    contracts: Annotated[dict[str, OwnTermsJson], Field(description="By the contract's number")]
    holidays_until: Annotated[int, Field(description="The last year whose holidays are known")]
    coming: list[ComingDayJson]
