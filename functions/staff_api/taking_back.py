"""Taking a released reading back: withdrawn before its export, corrected after that."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.refusals import ChangedMeanwhile
from meterportal.domain.release.taking_back import (
    AlreadyExported,
    NotReleased,
    SameValue,
    StillWaiting,
)
from meterportal.http import Answer, Body, Day, refuses, request_key
from meterportal.settings import moment
from meterportal.usecases.release.take_back import (
    Correction,
    Retaken,
    correct_released,
    withdraw_release,
)
from pydantic import Field, StrictInt, StringConstraints

from staff_api.answers.release import TakenBackJson
from staff_api.check import Counter
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True), Field(min_length=3, max_length=500)
]


class WithdrawalBody(Body):
    """Why, in 3 to 500 characters, and the machine's version that was seen."""

    reason: Reason
    version: StrictInt


class ReversalBody(WithdrawalBody):
    """The right value; `read_on` is the day of the wrong one unless given."""

    value: Counter
    read_on: Day | None = None


@router.post(
    "/api/staff/readings/<reading_id>/withdrawal",
    summary="Withdraw a release that is not exported yet",
    responses=refuses(ChangedMeanwhile, NotReleased, AlreadyExported),
)
def withdraw(reading_id: str, body: WithdrawalBody) -> Answer[TakenBackJson]:
    """The reading waits again, and the customer may correct it."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    done = withdraw_release(
        adapters(),
        moment(),
        reading_id,
        reason=body.reason,
        seen=body.version,
        by=staff.member,
        key=request_key(event),
    )
    return Answer(_retaken(done))


@router.post(
    "/api/staff/readings/<reading_id>/reversal",
    summary="Correct an exported reading by a reversing entry and a new one",
    responses=refuses(ChangedMeanwhile, NotReleased, StillWaiting, SameValue),
)
def correct(reading_id: str, body: ReversalBody) -> Answer[TakenBackJson]:
    """Both entries stand in the next export; the answer has the new reading with its own id."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    done = correct_released(
        adapters(),
        moment(),
        reading_id,
        Correction(body.value, body.reason, body.read_on),
        seen=body.version,
        by=staff.member,
        key=request_key(event),
    )
    return Answer(_retaken(done))


def _retaken(done: Retaken) -> TakenBackJson:
    reading = done.reading
    return {
        "id": done.id,
        "machine_id": done.machine_id,
        "meter_id": reading.meter_id,
        "value": reading.value,
        "read_on": reading.read_on.isoformat(),
        "state": reading.state,
        "version": done.version,
    }
