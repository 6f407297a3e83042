"""Statistics of a month, as a whole and by company."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.mailing.requests import kind_of
from meterportal.domain.portfolio.statistics import Response, RoundResponse
from meterportal.http import Answer
from meterportal.http.queries import DIGITS, Cursor
from meterportal.settings import moment
from meterportal.usecases.portfolio.show_statistics import (
    CountedCompany,
    CountedMonth,
    show_companies,
    show_statistics,
)
from pydantic import Field

from staff_api.answers.statistics import (
    CompaniesStatisticsJson,
    CompanyStatisticsJson,
    MonthStatisticsJson,
    ResponseJson,
    RoundStatisticsJson,
    StatisticsJson,
)
from staff_api.pages import opened, sealed
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_MONTH = "^20[0-9]{2}-(0[1-9]|1[0-2])$"


@router.get("/api/staff/statistics", summary="Response, days and channels of a month")
def show(
    period: Annotated[str | None, Query(pattern=_MONTH, max_length=7)] = None,
) -> Answer[StatisticsJson]:
    """`period` is a month as "2026-11", else today's; the machines due in it are counted when a snapshot
    of the portfolio is built, up to the end of the next month."""
    staff_of(router.current_event.raw_event, "read")
    found = show_statistics(adapters(), moment(), period)
    return Answer(
        {
            "period": found.month,
            "periods": found.months,
            "this": _month(found.this) if found.this else None,
            "before": _month(found.before) if found.before else None,
        }
    )


@router.get("/api/staff/statistics/companies", summary="Response of a month by company")
def list_companies(
    period: Annotated[str | None, Query(pattern=_MONTH, max_length=7)] = None,
    limit: Annotated[int, Field(ge=1, le=500), DIGITS, Query()] = 50,
    cursor: Cursor = None,
) -> Answer[CompaniesStatisticsJson]:
    staff = staff_of(router.current_event.raw_event, "read")
    at = moment()
    month = period or f"{at.today:%Y-%m}"
    name = f"statistics#{month}"
    start = (opened(staff, name, cursor) or {"start": 0})["start"]
    found, more = show_companies(adapters(), month, start=start, limit=limit)
    return Answer(
        {
            "companies": [_company(one) for one in found],
            "next_cursor": sealed(staff, name, {"start": start + limit} if more else None),
        }
    )


def _month(counted: CountedMonth) -> MonthStatisticsJson:
    told = counted.told
    once, twice, more = told.estimates
    return {
        "period": counted.month,
        "counted_at": counted.counted_at.isoformat(timespec="milliseconds"),
        "due": told.due,
        "done": told.done,
        "response": _response(told.response),
        "first_asked_on": told.first_asked_on or None,
        "curve": list(told.curve),
        "channels": [{"channel": name, "machines": number} for name, number in told.channels],
        "estimates": {"once": once, "twice": twice, "more": more},
        "rounds": [_round(one, counted) for one in told.rounds],
    }


def _round(one: RoundResponse, counted: CountedMonth) -> RoundStatisticsJson:
    header = counted.rounds.get(one.round_id)
    return {
        "round_id": one.round_id,
        "kind": kind_of(one.number),
        "on": one.on,
        "mails": header.mails if header else None,
        "response": _response(one.response),
    }


def _response(response: Response) -> ResponseJson:
    return {
        "machines": response.machines,
        "opened": response.opened,
        "reported": response.reported,
        "median_days": response.median,
    }


def _company(shown: CountedCompany) -> CompanyStatisticsJson:
    told = shown.response
    return {
        "company": {"id": told.company_id, "name": shown.company.name if shown.company else ""},
        "due": told.due,
        "done": told.done,
        "response": _response(told.response),
        "estimated": told.estimated,
        "in_a_row": told.in_a_row,
    }
