"""Back-testing: what other tolerances would have asked about past readings."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.crypto import digest
from meterportal.domain.machines import Machine
from meterportal.domain.plausibility.backtest import Hint
from meterportal.domain.plausibility.texts import finding_text
from meterportal.doors import doors
from meterportal.http import Body, Day, answer
from meterportal.settings import moment
from meterportal.usecases.look_back import Count, Place, Question, look_back, span
from pydantic import Field, StrictInt

from staff_api.pages import opened, sealed
from staff_api.staff import staff_of
from staff_api.tolerances import LevelsBody

router = APIGatewayHttpRouter()

_RESERVE = 12
"""Seconds that are left for the machine in hand and for the answer."""

_NUMBERS = ("usage", "expected", "low", "high", "last", "last_on")
_WHOLE = {"type": "integer"}
_TEXT = {"type": "string"}
_DAY = {"type": "string", "format": "date"}
_BY_CODE = {"type": "object", "additionalProperties": _WHOLE}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_HINT = _object(
    machine_id=_TEXT,
    serial=_TEXT,
    model=_TEXT,
    company_id=_TEXT,
    meter_id=_TEXT,
    label=_TEXT,
    read_on=_DAY,
    value=_WHOLE,
    code=_TEXT,
    text=_TEXT,
    usage={"type": ["integer", "null"]},
    expected={"type": ["integer", "null"]},
    low={"type": ["integer", "null"]},
    high={"type": ["integer", "null"]},
    last={"type": ["integer", "null"]},
    last_on={"type": ["string", "null"], "format": "date"},
)
_TESTED: dict[int, Any] = {
    200: {
        "description": "One part of the portfolio. The sums of all parts are the result: go on with "
        "`next_cursor` until `complete`. `hints_total` counts all, `hints` shows the first ones.",
        "content": {
            "application/json": {
                "schema": _object(
                    since=_DAY,
                    until=_DAY,
                    machines=_WHOLE,
                    judged=_WHOLE,
                    hints_total=_WHOLE,
                    by_code=_BY_CODE,
                    hints={"type": "array", "items": _HINT},
                    stored=_object(version=_WHOLE, hints_total=_WHOLE, by_code=_BY_CODE),
                    complete={"type": "boolean"},
                    next_cursor={"type": ["string", "null"]},
                )
            }
        },
    }
}


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
    responses=_TESTED,
)
def backtest(body: BacktestBody) -> Response[str]:
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
        doors(),
        asked,
        after=Place(place["s"], place["c"], place["m"]) if place else None,
        has_time=lambda: context.get_remaining_time_in_millis() > _RESERVE * 1000,
    )
    after = part.after
    days = {"since": since.isoformat(), "until": until.isoformat()}
    following = {"s": after.shard, "c": after.company_id, "m": after.machine_id} if after else None
    return answer(
        {
            **days,
            "machines": part.machines,
            "judged": part.judged,
            **_counted(part.count),
            "hints": [_hint(machine, hint, staff.language) for machine, hint in part.hints],
            "stored": {"version": part.stored_version, **_counted(part.stored)},
            "complete": after is None,
            "next_cursor": sealed(staff, name, following and following | days),
        }
    )


def _counted(count: Count) -> dict[str, Any]:
    return {"hints_total": count.total, "by_code": dict(count.by_code.most_common())}


def _hint(machine: Machine, hint: Hint, language: str) -> dict[str, Any]:
    meter = machine.meter(hint.meter_id)
    numbers = hint.finding.numbers
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
        **{name: numbers.get(name) for name in _NUMBERS},
    }
