"""Decisions about values that wait, taking one back, and above which usage it takes two people."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.mailing.questions import NobodyToAsk, QuestionSent
from meterportal.domain.refusals import (
    AlreadyReleased,
    ChangedMeanwhile,
    Invalid,
    NeedsConfirmation,
)
from meterportal.domain.release.deciding import (
    AlreadyAccepted,
    FindingsDiffer,
    NoBasis,
    NothingDecided,
)
from meterportal.domain.release.second_person import (
    MOST_PAGES,
    MOST_TIMES,
    ReleaseLimits,
    SamePerson,
    StoredLimits,
)
from meterportal.domain.release.taking_back import SameValue
from meterportal.domain.reporting.readings import DecisionKind, StaffDecision, reading_id
from meterportal.http import Answer, Body, Day, Number, Words, refuses, request_key
from meterportal.settings import moment
from meterportal.usecases.release.decide import (
    Choice,
    ChosenReading,
    decide_reading,
    undo_decision,
)
from meterportal.usecases.release.set_limits import limits_now, set_limits
from meterportal.usecases.reporting.enter_readings import NoPeriod
from pydantic import Field, StrictInt

from staff_api.answers.decisions import DecidedJson, ReleaseLimitsJson, StaffDecisionJson
from staff_api.check import Counter
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


class DecisionBody(Body):
    """`value` is the one that is accepted or taken, `findings` the codes that were seen with it, `until`
    the day on which a deferred value comes back, `note` for colleagues. `version` is the machine's that
    was seen.
    """

    decision: Annotated[DecisionKind, Field(strict=False)]
    value: Counter | None = None
    findings: Annotated[list[Number], Field(max_length=50)] = Field(default_factory=list)
    until: Day | None = None
    note: Words = ""
    version: StrictInt


class UndoBody(Body):
    """The machine's version that was seen."""

    version: StrictInt


class LimitsBody(Body):
    """Null: no such limit. `version` is the one that was seen, 0 where nothing was set yet."""

    pages: Annotated[StrictInt, Field(ge=1, le=MOST_PAGES)] | None = None
    times: Annotated[StrictInt, Field(ge=1, le=MOST_TIMES)] | None = None
    version: StrictInt


@router.post(
    "/api/staff/readings/<reading_id>/decision",
    summary="Decide about a value that waits",
    responses=refuses(
        AlreadyReleased,
        ChangedMeanwhile,
        FindingsDiffer,
        AlreadyAccepted,
        SamePerson,
        NoPeriod,
        SameValue,
        NeedsConfirmation,
        NoBasis,
        NobodyToAsk,
        Invalid,
    ),
)
def decide(reading_id: str, body: DecisionBody) -> Answer[DecidedJson]:
    """Accept it for the next run, take the suggestion, estimate, defer, or ask the customer back by mail.
    It can be taken back until it is released; a question by mail for ten seconds."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    choice = Choice(body.decision, body.value, tuple(body.findings), body.note, body.until)
    done = decide_reading(
        adapters(),
        moment(),
        reading_id,
        choice,
        seen=body.version,
        by=staff.member,
        key=request_key(event),
    )
    return Answer(_decided(done))


@router.post(
    "/api/staff/readings/<reading_id>/undo",
    summary="Take the last decision about a value back",
    responses=refuses(AlreadyReleased, ChangedMeanwhile, NothingDecided, QuestionSent),
)
def undo(reading_id: str, body: UndoBody) -> Answer[DecidedJson]:
    """The value waits again as it was before."""
    event = router.current_event.raw_event
    staff = staff_of(event, "release")
    done = undo_decision(
        adapters(),
        moment(),
        reading_id,
        seen=body.version,
        by=staff.member,
        key=request_key(event),
    )
    return Answer(_decided(done))


@router.get("/api/staff/release-limits", summary="Above which usage two people have to accept")
def get_limits() -> Answer[ReleaseLimitsJson]:
    """Null: no such limit."""
    staff_of(router.current_event.raw_event, "read")
    return Answer(_limits(limits_now(adapters())))


@router.put(
    "/api/staff/release-limits",
    summary="Set above which usage two people have to accept",
    responses=refuses(ChangedMeanwhile, Invalid),
)
def put_limits(body: LimitsBody) -> Answer[ReleaseLimitsJson]:
    """Set both at once."""
    staff = staff_of(router.current_event.raw_event, "admin")
    wanted = ReleaseLimits(body.pages, body.times)
    return Answer(
        _limits(set_limits(adapters(), moment(), wanted, seen=body.version, by=staff.member))
    )


def _limits(stored: StoredLimits) -> ReleaseLimitsJson:
    return {
        "pages": stored.limits.pages,
        "times": stored.limits.times,
        "version": stored.version,
    }


def _decided(done: ChosenReading) -> DecidedJson:
    reading = done.reading
    return {
        "id": reading_id(done.machine_id, reading.meter_id, reading.due_on, reading.number),
        "machine_id": done.machine_id,
        "meter_id": reading.meter_id,
        "value": reading.value,
        "read_on": reading.read_on.isoformat(),
        "decision": decision_as_json(reading.decision, {}),
        "asked": {"id": done.asked, "name": done.name} if done.asked else None,
        "version": done.version,
    }


def decision_as_json(
    decision: StaffDecision | None, names: dict[str, str]
) -> StaffDecisionJson | None:
    if decision is None:
        return None
    return {
        "decision": decision.kind,
        "by": {"id": decision.by, "name": names.get(decision.by, "")},
        "at": decision.at.isoformat(timespec="milliseconds"),
        "note": decision.note,
        "until": decision.until.isoformat() if decision.until else None,
        "second": (
            {"id": decision.second_by, "name": names.get(decision.second_by, "")}
            if decision.second_by
            else None
        ),
        "waits_for_second": decision.kind is DecisionKind.ACCEPTED and not decision.accepts,
        "before": decision.before.value if decision.before else None,
    }
