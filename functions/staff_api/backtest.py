"""Back-testing: what other tolerances would have asked about past readings."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.crypto import digest
from meterportal.domain.plausibility.backtest import Hint
from meterportal.domain.plausibility.texts import finding_text
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import NotFound
from meterportal.http import Answer, Body, Day, refuses
from meterportal.settings import moment
from meterportal.usecases.plausibility.look_back import (
    BacktestPlace,
    Count,
    Question,
    look_back,
    span,
)
from pydantic import Field, StrictInt

from staff_api.answers.plausibility import BacktestJson, CountJson, HintJson
from staff_api.pages import opened, sealed
from staff_api.staff import staff_of
from staff_api.tolerances import LevelsBody

router = APIGatewayHttpRouter()

_RESERVE = 12
"""Seconds that are left for the machine in hand and for the answer."""


class TriedBody(LevelsBody):
    """Tolerances to try, also as GET /api/staff/tolerances tells them."""

    version: StrictInt | None = None


class BacktestBody(Body):
    """Without `tolerances` the stored ones; without days the year up to today.

    `limit` is how many hints one answer shows. A cursor goes with the request that it came from.
    """

    tolerances: TriedBody | None = None
    since: Day | None = None
    until: Day | None = None
    company_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    limit: Annotated[StrictInt, Field(ge=1, le=5000)] = 1000
    cursor: Annotated[str, Field(max_length=4000)] | None = None


@router.post(
    "/api/staff/plausibility/backtest",
    summary="What other tolerances would have asked about past readings; nothing is stored",
    responses=refuses(NotFound),
)
def backtest(body: BacktestBody) -> Answer[BacktestJson]:
    """Judge the readings of a span anew, each as on its own day."""
    staff = staff_of(router.current_event.raw_event, "read")
    name = f"backtest {digest(body.model_dump_json(exclude={'cursor'}))}"
    place = opened(staff, name, body.cursor)
    if place:
        since, until = date.fromisoformat(place["since"]), date.fromisoformat(place["until"])
    else:
        since, until = span(moment(), body.since, body.until)
    context = router.lambda_context
    asked = Question(
        settings=body.tolerances.settings() if body.tolerances else None,
        since=since,
        until=until,
        company_id=body.company_id,
        hints=body.limit,
    )
    part = look_back(
        adapters(),
        asked,
        after=BacktestPlace(place["s"], place["c"], place["m"]) if place else None,
        has_time=lambda: context.get_remaining_time_in_millis() > _RESERVE * 1000,
    )
    after = part.after
    days = {"since": since.isoformat(), "until": until.isoformat()}
    following = {"s": after.shard, "c": after.company_id, "m": after.machine_id} if after else None
    return Answer(
        {
            "since": days["since"],
            "until": days["until"],
            "machines": part.machines,
            "judged": part.judged,
            **_counted(part.count),
            "hints": [_hint(machine, hint, staff.language) for machine, hint in part.hints],
            "stored": {"version": part.stored_version, **_counted(part.stored)},
            "complete": after is None,
            "next_cursor": sealed(staff, name, following and following | days),
        }
    )


def _counted(count: Count) -> CountJson:
    return {"hints_total": count.total, "by_code": dict(count.by_code.most_common())}


def _hint(machine: Machine, hint: Hint, language: str) -> HintJson:
    meter = machine.meter(hint.meter_id)
    last_on = hint.finding.numbers.get("last_on")
    return {
        "machine_id": machine.id,
        "serial": machine.serial,
        "model": machine.model,
        "company_id": machine.company_id,
        "meter_id": hint.meter_id,
        "label": meter.label if meter else "",
        "read_on": hint.read_on.isoformat(),
        "value": hint.value,
        "code": hint.finding.code,
        "text": finding_text(hint.finding, language),
        "usage": _number(hint, "usage"),
        "expected": _number(hint, "expected"),
        "low": _number(hint, "low"),
        "high": _number(hint, "high"),
        "last": _number(hint, "last"),
        "last_on": str(last_on) if last_on else None,
    }


def _number(hint: Hint, name: str) -> int | None:
    number = hint.finding.numbers.get(name)
    assert number is None or isinstance(number, int), f"{name} is a number"
    return number
