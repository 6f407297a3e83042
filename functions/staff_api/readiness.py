"""Portal Ready for a selection: at once, or as a check that can be asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.portfolio.checks import ReadinessCheck
from meterportal.domain.portfolio.readiness import ReadinessOutcome
from meterportal.domain.runs import RunKind
from meterportal.http import Accepted, Answer, Body, request_key, rights_as_json
from meterportal.http.queries import BadQuery, Cursor
from meterportal.settings import moment
from meterportal.usecases.mailing.schedule_now import schedule_now
from meterportal.usecases.portfolio import check_readiness
from meterportal.usecases.portfolio.show_readiness import (
    MOST,
    NamedContact,
    StandingContract,
    standing_of,
)

from staff_api.answers.portfolio import (
    CheckJson,
    CheckProgressJson,
    NamedContactJson,
    OutcomeJson,
    StandingContractJson,
    StandingJson,
)
from staff_api.answers.runs import StartedJson
from staff_api.pages import opened, sealed
from staff_api.reasons import left_out_as_json, reasons_as_json
from staff_api.runs import state_as_json
from staff_api.selection import ContractSelectionBody
from staff_api.staff import Staff, staff_of

router = APIGatewayHttpRouter()

_ROWS = 8
"""Result rows in one answer: some thousand contracts."""

_LONGEST_ID = 64


class ReadinessBody(Body):
    """A dry run grants nothing."""

    selection: ContractSelectionBody
    dry_run: bool = False


@router.post("/api/staff/readiness", summary="Portal Ready: check contracts and grant rights")
def check(body: ReadinessBody) -> Answer[OutcomeJson] | Accepted[StartedJson]:
    """200 with the outcome; beyond 1,000 contracts 202 with the id of a check."""
    event = router.current_event.raw_event
    staff = staff_of(event, "remind")
    outcome = check_readiness.check_selection(
        adapters(),
        body.selection.selection(),
        moment(),
        dry_run=body.dry_run,
        by=staff.member,
        request_key=request_key(event),
    )
    if isinstance(outcome, str):
        return Accepted({"id": outcome})
    return Answer(_outcome(outcome, staff.language))


@router.get("/api/staff/readiness", summary="What stands in the way of up to 100 contracts")
def show_standing(
    ids: Annotated[str | None, Query(min_length=1, max_length=4000)] = None,
) -> Answer[StandingJson]:
    """`ids`: numbers of contracts with commas between; without them only the day until which
    contracts are due. Grants nothing; unknown numbers are left out."""
    staff = staff_of(router.current_event.raw_event, "read")
    numbers = list(dict.fromkeys(ids.split(","))) if ids else []
    if len(numbers) > MOST or not all(0 < len(number) <= _LONGEST_ID for number in numbers):
        raise BadQuery(field="ids", name="ids")
    at = moment()
    contracts, contacts = standing_of(adapters(), numbers, at)
    horizon = at.today + timedelta(days=schedule_now(adapters()).lead_days)
    return Answer(
        {
            "due_by": horizon.isoformat(),
            "contracts": [_standing(one, staff.language) for one in contracts],
            "contacts": [_named(one) for one in contacts],
        }
    )


@router.get(
    "/api/staff/readiness/<check_id>",
    summary="The outcome of a large check",
)
def show(check_id: str, cursor: Cursor = None) -> Answer[CheckJson]:
    staff = staff_of(router.current_event.raw_event, "read")
    place = opened(staff, f"check#{check_id}", cursor) or {"row": 0}
    check, outcome = check_readiness.result(adapters(), check_id, row=place["row"], rows=_ROWS)
    state = check_readiness.state_of(check, moment())
    return Answer(
        {
            "id": check.id,
            **state_as_json(state, RunKind.CHECK, staff.language),
            "dry_run": check.dry_run,
            "progress": _progress(check),
            **_outcome(outcome, staff.language),
            "next_cursor": _next(
                staff, check_id, place["row"] + _ROWS, check.rows if check.ended else 0
            ),
        }
    )


def _standing(one: StandingContract, language: str) -> StandingContractJson:
    contract = one.contract
    return {
        "id": contract.id,
        "company_id": contract.company_id,
        "version": contract.rev,
        "reading_channel": contract.reading_channel,
        "reporters": list(contract.reporters),
        "standing": one.standing,
        "reasons": reasons_as_json(one.reasons, language),
    }


def _named(one: NamedContact) -> NamedContactJson:
    contact = one.contact
    return {
        "id": contact.id,
        "name": contact.name,
        "company_id": contact.company_id,
        "version": contact.rev,
        "phone": contact.phone,
        "email": contact.email,
        "active": contact.active,
        "delivery": one.delivery,
    }


def _progress(check: ReadinessCheck) -> CheckProgressJson | None:
    done, of = check.progress
    return {"done": done, "of": of} if of and not check.ended else None


def _next(staff: Staff, check_id: str, row: int, rows: int) -> str | None:
    return sealed(staff, f"check#{check_id}", {"row": row} if row < rows else None)


def _outcome(outcome: ReadinessOutcome, language: str) -> OutcomeJson:
    return {
        "ready": list(outcome.ready),
        "not_ready": left_out_as_json(outcome.not_ready, language),
        "notes": [
            {
                "contract_id": number,
                "severity": note.weight,
                **reasons_as_json([note], language)[0],
            }
            for number, note in outcome.notes
        ],
        "granted": [
            {
                "contact_id": one.contact_id,
                "company_id": one.company_id,
                "rights": rights_as_json(one.rights),
                "new": one.new,
            }
            for one in outcome.granted
        ],
    }
