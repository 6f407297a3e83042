"""The ERP's feed: rows of the machines' history, in the index `changes` by the moment of their write.

A row stands there once and for good; what an event needs is packed in it (`fed_rows`), so that no other
item is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from meterportal.domain.exchange.feed import Earlier, FedChange, FedReading, SwappedBoard
from meterportal.domain.exchange.feed_kinds import FeedKind
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import MeterKind
from meterportal.domain.reporting.readings import ReadingState, Verdict
from meterportal.store.exchange import fed_rows
from meterportal.store.moments import Place, between_moments
from meterportal.store.table import Table


def between(
    table: Table, after: str, until: str, *, page: int
) -> Iterator[tuple[Place, Sequence[FedChange]]]:
    """Changes behind `after` (a moment, or a place in the feed) up to the moment `until`, in the order
    of moments; those of a machine in the order of its versions. At each place one, or those that a transaction
    has made together. Eight queries, half a unit each while nothing changes."""
    for place, item in between_moments(table, "FEED", after, until, page=page):
        yield place, [_unpack(row) for row in fed_rows.of_item(item)]


def _unpack(row: Sequence[Any]) -> FedChange:
    kind, at, company_id, contract_id, machine_id, serial, version, rows, *other = row
    return FedChange(
        FeedKind(kind),
        datetime.fromisoformat(at),
        company_id,
        contract_id,
        machine_id,
        serial,
        version,
        tuple(_reading(*row) for row in rows),
        *other,
    )


def _reading(
    meter_id: str,
    kind: str | None,
    due_on: int | None,
    value: int,
    read_on: int,
    channel: str,
    state: str | None,
    verdict: str | None,
    number: int,
    value_before: int | None = None,
    read_on_before: int | None = None,
    reset_end: int | None = None,
    reset_start: int | None = None,
) -> FedReading:
    return FedReading(
        meter_id,
        MeterKind(kind) if kind else None,
        date.fromordinal(due_on) if due_on else None,
        value,
        date.fromordinal(read_on),
        ReadingChannel(channel),
        ReadingState(state) if state else None,
        Verdict(verdict) if verdict else None,
        number,
        Earlier(value_before, date.fromordinal(read_on_before))
        if value_before is not None and read_on_before
        else None,
        SwappedBoard(reset_end, reset_start or 0) if reset_end is not None else None,
    )
