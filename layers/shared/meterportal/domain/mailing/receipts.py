"""Receipts: what a contact has reported, with its current values, and what is still missing.

A report opens a receipt. It waits until nothing has changed for a while, and is then sent with
everything that the contact reported since. A later change opens a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Machine, Meter, walking_order
from meterportal.domain.reporting.readings import Reading, Verdict

LATEST = timedelta(minutes=60)
"""A receipt does not wait longer than this, even if the contact is still reporting."""

_CLOCKS = timedelta(seconds=2)
"""How much the clocks of two functions may differ."""

Told = Mapping[str, Mapping[str, int]]
"""The content of earlier receipts: values by meter, by machine and period (see `period`)."""


@frozen
class OpenReceipt:
    """A receipt that waits: for whom, since when, and when the last change was."""

    mailbox: str
    company_id: str
    contact_id: str
    opened_at: datetime
    changed_at: datetime

    def due(self, now: datetime, quiet: timedelta) -> bool:
        """Whether nothing has changed for `quiet`, or it has waited long enough."""
        return now >= self.changed_at + quiet or now >= self.opened_at + LATEST


@frozen
class ReceiptLine:
    """A meter's reading in the period. `before` is the value of an earlier receipt, if it was a
    different one; `reason` is set for confirmed values."""

    meter: Meter
    reading: Reading
    before: int | None = None

    @property
    def reason(self) -> str:
        return self.reading.reason if self.reading.verdict is Verdict.CONFIRMED else ""


@frozen
class ReceiptMachine:
    """A machine on a receipt with the readings of its period. `corrected`: a meter has changed
    since an earlier receipt listed it."""

    machine: Machine
    due_on: date
    lines: tuple[ReceiptLine, ...]
    corrected: bool


def entries(
    machines: Iterable[Machine], *, by: str, since: datetime, told: Told
) -> tuple[ReceiptMachine, ...]:
    """The machines for which contact `by` has reported anything since, in walking order. `told` is
    what earlier receipts contained."""
    found = []
    for machine in sorted(machines, key=walking_order):
        reported = [
            reading
            for reading in machine.readings
            if reading.reported_by == by and _since(machine, reading, since, told)
        ]
        if reported:
            found.append(_entry(machine, max(r.due_on for r in reported), reported, told))
    return tuple(found)


def _since(machine: Machine, reading: Reading, since: datetime, earlier_receipts: Told) -> bool:
    """Whether a reading came in since a moment. If clocks may differ, the earlier receipts
    decide."""
    at = reading.reported_at
    if at is None or at < since - _CLOCKS:
        return False
    earlier = earlier_receipts.get(period(machine.id, reading.due_on), {})
    return at >= since or earlier.get(reading.meter_id) != reading.value


def _entry(
    machine: Machine, due_on: date, reported: list[Reading], earlier_receipts: Told
) -> ReceiptMachine:
    before = earlier_receipts.get(period(machine.id, due_on), {})
    lines = []
    for meter in machine.meters:
        reading = machine.reading(meter.id, due_on)
        if reading is not None:
            earlier = before.get(meter.id)
            lines.append(ReceiptLine(meter, reading, earlier if earlier != reading.value else None))
    corrected = any(r.meter_id in before for r in reported if r.due_on == due_on)
    return ReceiptMachine(machine, due_on, tuple(lines), corrected)


def period(machine_id: str, due_on: date) -> str:
    """The name of a machine's period, as in 200001.2026-11-28."""
    return f"{machine_id}.{due_on.isoformat()}"


def remembered(
    earlier_receipts: Told, entries_: Iterable[ReceiptMachine], machines: Mapping[str, Machine]
) -> Told:
    """The content of this receipt and the earlier ones, without past periods."""
    current = {period(m.id, m.due_on) for m in machines.values() if m.due_on is not None}
    kept = {name: values for name, values in earlier_receipts.items() if name in current}
    for entry in entries_:
        name = period(entry.machine.id, entry.due_on)
        kept[name] = {line.meter.id: line.reading.value for line in entry.lines}
    return kept


def missing(machines: Iterable[Machine], horizon: date) -> tuple[Machine, ...]:
    """The machines that are due up to `horizon`, not complete and not set aside."""
    return tuple(
        machine
        for machine in machines
        if machine.due_on is not None
        and machine.due_on <= horizon
        and not machine.complete
        and not machine.set_aside
    )
