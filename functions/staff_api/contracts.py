"""Staff's list of contracts."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.crypto import digest
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.mending import ContractChanged, Mended
from meterportal.domain.portfolio.progress import PeriodState
from meterportal.domain.portfolio.selections import Filter
from meterportal.domain.refusals import Invalid
from meterportal.http import Answer, Body, Day, Number, company_as_json, refuses
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.portfolio.list_contracts import (
    ListedContract,
    ListPosition,
    Reporter,
    list_contracts,
)
from meterportal.usecases.portfolio.mend_contract import mend_contract
from pydantic import Field, StrictInt

from staff_api.answers.portfolio import (
    ContractJson,
    ContractsJson,
    MendedContractJson,
    ReporterJson,
)
from staff_api.pages import opened, sealed
from staff_api.reasons import reasons_as_json
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_Number = Annotated[str | None, Query(min_length=1, max_length=64)]


@router.get("/api/staff/contracts", summary="Contracts for scripts, with what stands in the way")
def list_all(
    company_id: _Number = None,
    contract_id: _Number = None,
    reading_channel: Annotated[ReadingChannel | None, Query()] = None,
    due_before: Annotated[Day | None, Query()] = None,
    state: Annotated[PeriodState | None, Query()] = None,
    limit: Annotated[int, Field(ge=1, le=200), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[ContractsJson]:
    """`due_before` includes the day itself; `state` is that of the current period.

    The contracts of an answer come by due date, the answers by company. An answer looks at so many
    companies at most: it may hold fewer contracts than `limit`, even none, and still have a
    `next_cursor`; the list is over where that is null.
    """
    staff = staff_of(router.current_event.raw_event, "read")
    wanted = Filter(
        company_id, contract_id, reading_channel, due_before, state.value if state else None
    )
    name = f"contracts#{digest(repr(wanted))[:16]}"
    place = opened(staff, name, cursor)
    after = ListPosition(*place["after"]) if place else None
    page, rest = list_contracts(adapters(), wanted, moment(), limit=limit, after=after)
    return Answer(
        {
            "contracts": [_contract(listed, staff.language) for listed in page],
            "next_cursor": sealed(staff, name, {"after": rest} if rest else None),
        }
    )


class ContractPatch(Body):
    """What is to change, and the version that was seen (the contract's `rev` in the read model)."""

    reading_channel: Annotated[ReadingChannel | None, Field(strict=False)] = None
    reporters: Annotated[list[Number], Field(max_length=20)] | None = None
    version: StrictInt


@router.patch(
    "/api/staff/contracts/<contract_id>",
    summary="Correct who reports for a contract, or how its counters arrive",
    responses=refuses(ContractChanged, Invalid),
)
def mend(contract_id: str, body: ContractPatch) -> Answer[MendedContractJson]:
    """It counts until the ERP says something new. No reporters: those with the role report, else the main
    contact."""
    staff = staff_of(router.current_event.raw_event, "remind")
    given = Mended(
        body.reading_channel, tuple(body.reporters) if body.reporters is not None else None
    )
    found = mend_contract(
        adapters(), moment(), contract_id, given, seen=body.version, by=staff.member
    )
    return Answer(
        {
            "id": found.id,
            "version": found.rev,
            "reading_channel": found.reading_channel,
            "reporters": list(found.reporters),
            "carry_over": found.channel_in_erp is not None or found.reporters_in_erp is not None,
        }
    )


def _contract(listed: ListedContract, language: str) -> ContractJson:
    contract, progress = listed.contract, listed.progress
    return {
        "id": contract.id,
        "company": company_as_json(listed.company),
        "name": contract.name,
        "reading_channel": contract.reading_channel,
        "interval": contract.interval,
        "due_on": contract.due_on.isoformat() if contract.due_on else None,
        "reporters": [_reporter(reporter) for reporter in listed.reporters],
        "machines": {
            "total": progress.total,
            "reported": progress.reported,
            "released": progress.released,
        },
        "state": progress.state,
        "asked": listed.asked,
        "ready": listed.readiness.ready,
        "reasons": reasons_as_json(listed.readiness.errors, language),
        "notes": reasons_as_json(listed.readiness.notes, language),
    }


def _reporter(reporter: Reporter) -> ReporterJson:
    contact = reporter.contact
    return {
        "id": contact.id,
        "name": contact.name,
        "email": contact.email,
        "granted": reporter.granted,
    }
