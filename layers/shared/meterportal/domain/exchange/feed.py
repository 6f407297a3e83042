"""What the ERP is told of readings at once, as events of CloudEvents 1.0.

An event is about one meter of one machine. What the ERP has told us itself (imports, what it has billed
or refused) is no event. No event names a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from meterportal.domain.exchange.feed_kinds import FeedKind
from meterportal.domain.exchange.line_kinds import LineKind
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import MeterKind
from meterportal.domain.reporting.readings import ReadingState, Verdict, reading_id


@frozen
class Earlier:
    """The value that stood there before."""

    value: int
    read_on: date


@frozen
class SwappedBoard:
    """The old board's last value and the new one's first."""

    end: int
    start: int


@frozen
class FedReading:
    """A meter's value as a stored change has left it. A reset has neither period, state nor verdict."""

    meter_id: str
    meter_kind: MeterKind | None
    due_on: date | None
    value: int
    read_on: date
    channel: ReadingChannel
    state: ReadingState | None
    verdict: Verdict | None
    number: int = 1
    before: Earlier | None = None
    reset: SwappedBoard | None = None


@frozen
class FedChange:
    """One stored change of a machine's readings; `version` is the machine's. `replaces` is the number
    of the machine in whose place this one begins."""

    kind: FeedKind
    at: datetime
    company_id: str
    contract_id: str
    machine_id: str
    serial: str
    version: int
    readings: tuple[FedReading, ...]
    replaces: str = ""


@frozen
class FeedEvent:
    """An event. `sequence` orders the events of a machine at a company, as text. `number` is the
    reading's id, None for a reset; `reverses` that of the exported reading which this one reverses or
    takes the place of."""

    kind: FeedKind
    sequence: str
    change: FedChange
    reading: FedReading
    number: str | None
    entry: LineKind = LineKind.READING
    reverses: str | None = None

    @property
    def id(self) -> str:
        """The same whenever and however often it is told."""
        change = self.change
        return f"{change.company_id}.{change.machine_id}.{self.sequence}"

    @property
    def subject(self) -> str:
        """The reading's id; of a reset the machine and the meter."""
        return self.number or f"{self.change.machine_id}.{self.reading.meter_id}"


def events_of(change: FedChange) -> list[FeedEvent]:
    """The events of a change, in the order of its readings."""
    told = [event for reading in change.readings for event in _of_reading(change, reading)]
    return [
        FeedEvent(kind, f"{change.version:08d}.{n:03d}", change, reading, number, entry, reverses)
        for n, (kind, reading, number, entry, reverses) in enumerate(told, 1)
    ]


_Told = tuple[FeedKind, FedReading, str | None, LineKind, str | None]


def _of_reading(change: FedChange, reading: FedReading) -> Iterator[_Told]:
    if reading.due_on is None:
        yield change.kind, reading, None, LineKind.READING, None
        return
    own = _id(change, reading, reading.number)
    if reading.number == 1:
        # A machine that the ERP has brought: what waits is told again under its number.
        kind = FeedKind.REPORTED if change.kind is FeedKind.STARTED else change.kind
        yield kind, reading, own, LineKind.READING, None
        return
    replaced = _id(change, reading, reading.number - 2)
    if change.kind is not FeedKind.REVERSED or reading.before is None:
        yield change.kind, reading, own, LineKind.CORRECTION, replaced
        return
    reversal = _id(change, reading, reading.number - 1)
    old = _reversed(reading, reading.before)
    yield FeedKind.REVERSED, old, reversal, LineKind.REVERSAL, replaced
    yield FeedKind.RELEASED, reading, own, LineKind.CORRECTION, replaced


def _id(change: FedChange, reading: FedReading, number: int) -> str:
    assert reading.due_on is not None
    return reading_id(change.machine_id, reading.meter_id, reading.due_on, number)


def _reversed(reading: FedReading, before: Earlier) -> FedReading:
    """The exported value, which counts no more."""
    return FedReading(
        reading.meter_id,
        reading.meter_kind,
        reading.due_on,
        before.value,
        before.read_on,
        reading.channel,
        reading.state,
        None,
    )
