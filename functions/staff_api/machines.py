"""What staff do at one machine."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.refusals import AlreadyReleased, ChangedMeanwhile, NeedsConfirmation
from meterportal.domain.reporting.readings import Reading
from meterportal.domain.reporting.replacements import (
    EndReleased,
    NotReplaced,
    ReplacedAgain,
    Replacement,
    ReplacementTakenOver,
    SerialKnown,
)
from meterportal.domain.reporting.resets import Reset
from meterportal.http import (
    Answer,
    Body,
    Day,
    Number,
    Words,
    findings_as_json,
    refuses,
    request_key,
)
from meterportal.settings import moment
from meterportal.usecases.reporting.enter_readings import EntryForCustomer, NoPeriod, enter_readings
from meterportal.usecases.reporting.replace_machine import replace_for_staff
from meterportal.usecases.reporting.report_readings import Report
from meterportal.usecases.reporting.reset_meter import reset_meter
from meterportal.usecases.reporting.take_back_replacement import take_back_replacement
from pydantic import Field, StrictBool, StrictInt

from staff_api.answers.machines import (
    EnteredJson,
    EnteredReadingJson,
    ReplacementJson,
    ReplacementTakenBackJson,
    ResetDoneJson,
)
from staff_api.check import Counter
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_MOST_METERS = 100


class EntryChannel(StrEnum):
    """How a value reached staff: by phone, e-mail or letter, or read by a technician on a visit."""

    PHONE = ReadingChannel.PHONE.value
    EMAIL = ReadingChannel.EMAIL.value
    LETTER = ReadingChannel.LETTER.value
    TECHNICIAN = ReadingChannel.TECHNICIAN.value


class CustomerEntryBody(Body):
    """Values by meter id; `read_on` is today unless given. `confirm` holds reasons by meter id,
    `version` what was seen, `reporter` the contact who gave the values. Without `channel` staff correct
    what is there: the value keeps the channel by which it came.
    """

    read_on: Day | None = None
    values: Annotated[dict[Number, Counter], Field(max_length=_MOST_METERS)]
    confirm: Annotated[dict[Number, Words], Field(max_length=_MOST_METERS)] | None = None
    version: StrictInt
    channel: Annotated[EntryChannel | None, Field(strict=False)] = None
    reporter: Number | None = None


@router.put(
    "/api/staff/machines/<machine_id>/readings",
    summary="Enter or correct readings for a customer",
    responses=refuses(AlreadyReleased, NeedsConfirmation, NoPeriod, ChangedMeanwhile),
)
def enter(machine_id: str, body: CustomerEntryBody) -> Answer[EnteredJson]:
    """All of the values or none, with the same check as a contact's."""
    event = router.current_event.raw_event
    staff = staff_of(event, "remind")
    report = Report(body.values, body.confirm or {}, body.version, body.read_on)
    entered = enter_readings(
        adapters(),
        moment(),
        machine_id,
        EntryForCustomer(
            report,
            ReadingChannel(body.channel.value) if body.channel else None,
            body.reporter or "",
        ),
        by=staff.member,
        key=request_key(event),
    )
    return Answer(
        {
            "version": entered.version,
            "readings": [_stored(reading, staff.language) for reading in entered.readings],
        }
    )


def _stored(reading: Reading, language: str) -> EnteredReadingJson:
    return {
        "meter_id": reading.meter_id,
        "value": reading.value,
        "read_on": reading.read_on.isoformat(),
        "state": reading.state,
        "verdict": reading.verdict,
        "findings": findings_as_json(reading.findings, language, {}),
    }


class ResetBody(Body):
    """`end` is the old board's last value, `start` the new one's first; `value` what the new one shows at
    the end of `read_on`, `start` unless given. `version` is the machine's that was seen.
    """

    meter_id: Number
    read_on: Day
    end: Counter
    start: Counter
    value: Counter | None = None
    version: StrictInt


@router.post(
    "/api/staff/machines/<machine_id>/resets",
    summary="Enter that a meter was reset, as with a new board",
    responses=refuses(ChangedMeanwhile),
)
def enter_reset(machine_id: str, body: ResetBody) -> Answer[ResetDoneJson]:
    """Usage since the last reading = (end - last) + (value - start). The ERP learns of it with the meter's
    next reading."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    done = reset_meter(
        adapters(),
        moment(),
        machine_id,
        Reset(body.meter_id, body.read_on, body.end, body.start, body.value),
        seen=body.version,
        by=staff.member,
        key=request_key(event),
    )
    return Answer({"version": done.version, "value": done.value})


class ReplacementBody(Body):
    """`values` are the end readings of the old machine, `confirm` the reasons for those in doubt, `starts`
    the first values of the new one, each by meter id. `version` is the old machine's that was seen;
    `maker` is the old one's unless given. With `dry_run` nothing is stored.
    """

    read_on: Day
    values: Annotated[dict[Number, Counter], Field(max_length=_MOST_METERS)]
    starts: Annotated[dict[Number, Counter], Field(max_length=_MOST_METERS)]
    confirm: Annotated[dict[Number, Words], Field(max_length=_MOST_METERS)] | None = None
    serial: Words
    model: Words
    maker: Words | None = None
    version: StrictInt
    dry_run: StrictBool = False


@router.post(
    "/api/staff/machines/<machine_id>/replacement",
    summary="Enter that another machine has taken this one's place",
    responses=refuses(AlreadyReleased, ChangedMeanwhile, NeedsConfirmation, NoPeriod, SerialKnown),
)
def replace(machine_id: str, body: ReplacementBody) -> Answer[ReplacementJson]:
    """The end readings pass the check of every entry and wait for their release; the old machine is asked
    for no more. The new one has a number of ours until the ERP brings its serial number."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    given = Replacement(
        body.read_on,
        body.values,
        body.starts,
        body.serial,
        body.model,
        body.maker or "",
        body.confirm,
    )
    done = replace_for_staff(
        adapters(),
        moment(),
        machine_id,
        given,
        seen=body.version,
        by=staff.member,
        dry_run=body.dry_run,
        key=request_key(event),
    )
    return Answer(
        {
            "version": done.version,
            "readings": [_stored(reading, staff.language) for reading in done.readings],
            "machine_id": done.machine_id,
        }
    )


class TakeBackBody(Body):
    """`version` is the old machine's that was seen."""

    version: StrictInt


@router.post(
    "/api/staff/machines/<machine_id>/replacement/withdrawal",
    summary="Take back that another machine has taken this one's place",
    responses=refuses(
        ChangedMeanwhile, EndReleased, NotReplaced, ReplacedAgain, ReplacementTakenOver
    ),
)
def take_back(machine_id: str, body: TakeBackBody) -> Answer[ReplacementTakenBackJson]:
    """The new machine and what waits of it are gone, its serial number is free; the old one is asked for
    again, and its end readings stay as reported values. Until the ERP has brought the new machine."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    version = take_back_replacement(
        adapters(),
        moment(),
        machine_id,
        seen=body.version,
        by=staff.member,
        key=request_key(event),
    )
    return Answer({"version": version})
