"""The feed of readings for the ERP."""

from __future__ import annotations

from typing import Annotated, Any, cast

from aws_lambda_powertools.event_handler.openapi.params import Query
from meterportal.adapters import adapters
from meterportal.domain.exchange.feed import FeedEvent
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.http import CloudEvents, Day, refuses, resolver, serve
from meterportal.settings import moment, settings
from meterportal.usecases.exchange.read_feed import DayToCome, TwoBeginnings, read_feed

from erp_api.answers import EventType, FedReadingJson, ReadingEventJson
from erp_api.caller import check_erp

app = resolver("Meterportal, the ERP's feed")

PATH = "/api/staff/readings/feed"
PAUSE = 5
"""Seconds after which it is worth to ask again where nothing more is there yet."""


@app.get(
    PATH,
    summary="What has happened to readings, as CloudEvents",
    responses=refuses(TwoBeginnings, DayToCome),
)
def follow(
    after: Annotated[str | None, Query(min_length=1, max_length=4000)] = None,
    from_on: Annotated[Day | None, Query(alias="from")] = None,
) -> CloudEvents[ReadingEventJson]:
    """Every reading that was reported, corrected, estimated, released, withdrawn or reversed, and every
    reset, some seconds after it happened. At least once: whoever follows passes over ids that it knows.

    `after` stands in the address that the header `Link` names as `next`; `from` is a day in Berlin, to
    replay from. Without either, everything since the feed exists. Where `Retry-After` stands beside,
    nothing more is there yet.
    """
    check_erp(app.current_event.raw_event)
    found = read_feed(adapters(), moment(), after=after, from_on=from_on)
    headers = {"Link": f'<{PATH}?after={found.after}>; rel="next"'}
    if not found.more:
        headers["Retry-After"] = str(PAUSE)
    source = settings().public_url
    return CloudEvents([_event(event, source) for event in found.events], headers=headers)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Payload 2.0 of the HTTP API in, an HTTP answer out."""
    return serve(app, event, context)


def _event(event: FeedEvent, source: str) -> ReadingEventJson:
    change = event.change
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": cast(EventType, f"meterportal.reading.{event.kind}"),
        "subject": event.subject,
        "time": change.at.isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "partitionkey": f"{change.company_id}.{change.machine_id}",
        "sequence": event.sequence,
        "data": _reading(event),
    }


def _reading(event: FeedEvent) -> FedReadingJson:
    change, one = event.change, event.reading
    before, swap = one.before, one.reset
    return {
        "reading_id": event.number,
        "company_id": change.company_id,
        "contract_id": change.contract_id,
        "machine_id": change.machine_id,
        "serial": change.serial,
        "meter_id": one.meter_id,
        "kind": one.meter_kind,
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "read_on": one.read_on.isoformat(),
        "value": one.value,
        "channel": one.channel,
        "estimated": one.channel is ReadingChannel.ESTIMATE,
        "state": one.state,
        "verdict": one.verdict,
        "entry": event.entry,
        "reverses": event.reverses,
        "previous": {"value": before.value, "read_on": before.read_on.isoformat()}
        if before
        else None,
        "reset": {"end": swap.end, "start": swap.start} if swap else None,
        "replaces": change.replaces or None,
    }
