"""Receipts: what a contact has reported, as it stands, and what is still missing.

A receipt is opened by a report, waits until nothing has changed for a while, and is then written
about everything that its contact reported since. A change after that opens a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from meterportal.domain.machines import Machine, Meter, walking_order
from meterportal.domain.readings import Reading, Verdict

LATEST = timedelta(minutes=60)
"""A receipt does not wait longer than this for somebody to come to an end."""

_CLOCKS = timedelta(seconds=2)
"""How far the clocks of two functions may be apart."""

Told = Mapping[str, Mapping[str, int]]
"""What earlier receipts said: values by meter, by machine and slot (see `slot`)."""


@dataclass(frozen=True, slots=True)
class OpenReceipt:
    """A receipt that waits: for whom, since when, and when something changed last."""

    mailbox: str
    company_id: str
    contact_id: str
    opened_at: datetime
    changed_at: datetime

    def due(self, now: datetime, quiet: timedelta) -> bool:
        """Nothing has changed for `quiet`, or it has waited long enough."""
        return now >= self.changed_at + quiet or now >= self.opened_at + LATEST


@dataclass(frozen=True, slots=True)
class Line:
    """A meter's reading in the slot. `before` is what an earlier receipt said, if that was another
    value; `reason` is given for confirmed values."""

    meter: Meter
    reading: Reading
    before: int | None = None

    @property
    def reason(self) -> str:
        return self.reading.reason if self.reading.verdict is Verdict.CONFIRMED else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A machine on a receipt with the readings of its slot. `corrected`: an earlier receipt told of
    a meter that has changed since."""

    machine: Machine
    due_on: date
    lines: tuple[Line, ...]
    corrected: bool


def entries(
    machines: Iterable[Machine], *, by: str, since: datetime, told: Told
) -> tuple[Entry, ...]:
    """The machines of which contact `by` has reported anything since, in walking order."""
    found = []
    for machine in sorted(machines, key=walking_order):
        fresh = [
            reading
            for reading in machine.readings
            if reading.reported_by == by and _since(machine, reading, since, told)
        ]
        if fresh:
            found.append(_entry(machine, max(r.due_on for r in fresh), fresh, told))
    return tuple(found)


def _since(machine: Machine, reading: Reading, since: datetime, told: Told) -> bool:
    """Whether a reading came in since a moment. About clocks that differ the earlier receipts tell."""
    at = reading.reported_at
    if at is None or at < since - _CLOCKS:
        return False
    said = told.get(slot(machine.id, reading.due_on), {})
    return at >= since or said.get(reading.meter_id) != reading.value


def _entry(machine: Machine, due_on: date, fresh: list[Reading], told: Told) -> Entry:
    before = told.get(slot(machine.id, due_on), {})
    lines = []
    for meter in machine.meters:
        reading = machine.reading(meter.id, due_on)
        if reading is not None:
            earlier = before.get(meter.id)
            lines.append(Line(meter, reading, earlier if earlier != reading.value else None))
    corrected = any(r.meter_id in before for r in fresh if r.due_on == due_on)
    return Entry(machine, due_on, tuple(lines), corrected)


def slot(machine_id: str, due_on: date) -> str:
    """A machine's slot by name, as in 200001.2026-11-28."""
    return f"{machine_id}.{due_on.isoformat()}"


def remembered(told: Told, entries_: Iterable[Entry], machines: Mapping[str, Machine]) -> Told:
    """What this receipt and the earlier ones said, without slots that are over."""
    current = {slot(m.id, m.due_on) for m in machines.values() if m.due_on is not None}
    kept = {name: values for name, values in told.items() if name in current}
    for entry in entries_:
        name = slot(entry.machine.id, entry.due_on)
        kept[name] = {line.meter.id: line.reading.value for line in entry.lines}
    return kept


def missing(machines: Iterable[Machine], horizon: date) -> tuple[Machine, ...]:
    """Of a contact's machines those that are due up to `horizon`, not complete and not set aside."""
    return tuple(
        machine
        for machine in machines
        if machine.due_on is not None
        and machine.due_on <= horizon
        and not machine.complete
        and not machine.set_aside
    )
