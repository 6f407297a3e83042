"""The planner: rounds from the queue ({"round_id"}; with "stopped_at" the stop of that moment ends), and the daily plan, which
begins in the hour that the dealer has set ({"kind": "daily_plan", "scheduled_at": RFC 3339}, every hour)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from meterportal.adapters import adapters
from meterportal.deliveries import deliver, has_time
from meterportal.queues import read
from meterportal.settings import moment
from meterportal.usecases.mailing.plan_round import MailPortion, plan_round
from meterportal.usecases.mailing.request_readings import daily_plan
from meterportal.usecases.runs.fire_schedules import firing

logger = Logger()

_RESERVE = 30


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """SQS messages in, those to be delivered again out; or a schedule's event in, its round out."""
    if "Records" in event:
        return deliver(event, context, lambda body: _plan(body, context), reserve=_RESERVE)
    at = moment()
    due = firing(event, at, pinned=adapters().settings.today)
    if event.get("kind") != "daily_plan" or due is None:
        logger.warning("no daily plan: not the event of its schedule")
        return {"round_id": None}
    made = daily_plan(adapters(), due, at, has_time=has_time(context, _RESERVE))
    told = {**made, "late": due.late}
    logger.info("daily plan", extra=told)
    return told


def _portion(message: Mapping[str, Any]) -> MailPortion | None:
    """Messages of earlier releases, and those of rounds that just begin, name none."""
    most, again_in = message.get("most"), message.get("again_in")
    if not isinstance(most, int) or not isinstance(again_in, int):
        return None
    return MailPortion(most, again_in)


def _plan(body: str, context: Any) -> None:
    message = read(body, "round_id")
    plan_round(
        adapters(),
        message["round_id"],
        moment(),
        has_time=has_time(context, _RESERVE),
        stopped_at=message.get("stopped_at"),
        portion=_portion(message),
    )
