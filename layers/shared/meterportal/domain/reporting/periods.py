"""When a period takes values. It ends on its machine's due date; a meter has one reading in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from meterportal.domain.plausibility.texts import day
from meterportal.domain.portfolio.contracts import Contract
from meterportal.domain.portfolio.machines import Listed, Machine
from meterportal.domain.portfolio.progress import Grace
from meterportal.domain.refusals import Refusal


class NotOpenYet(Refusal):
    """The day of reading is before the period opens. Facts: `due_on`, `opens_on` (dates as
    text)."""

    code = "not_open_yet"
    de = "Der Zählerstand zum {due} wird mit einem Ablesedatum ab dem {first} angenommen, nicht früher."
    en = "The reading for {due} is taken with a date of reading from {first} on, not earlier."

    def text(self, language: str) -> str:
        due, first = (
            day(date.fromisoformat(str(self.facts[name])), language)
            for name in ("due_on", "opens_on")
        )
        return (self.en if language == "en" else self.de).format(due=due, first=first)


def opens_on(machine: Listed, contract: Contract, grace: Grace) -> date | None:
    """The first day of reading that a machine's period takes: the grace days before its due date.

    None: any day, because a contact of the contract was asked for this period.
    """
    if machine.due_on is None or (contract.asked and contract.asked_for == machine.due_on):
        return None
    return machine.due_on - timedelta(days=grace(contract.id))


def early(
    machine: Machine, meter_ids: Iterable[str], read_on: date, first: date | None
) -> NotOpenYet | None:
    """The refusal of a day of reading before `first` (see `opens_on`); None if the day is accepted.

    A reading that the period already has may be corrected with its own day or a later one.
    """
    if first is None or machine.due_on is None or read_on >= first:
        return None
    standing = [machine.reading(meter_id) for meter_id in meter_ids]
    if all(reading is not None and read_on >= reading.read_on for reading in standing):
        return None
    due_on, opens = machine.due_on.isoformat(), first.isoformat()
    return NotOpenYet(field="read_on", due_on=due_on, opens_on=opens)


def waits_until(machine: Listed, contract: Contract, *, today: date, grace: Grace) -> date | None:
    """The day on which a machine's period opens. None: it takes a reading of today, or it already
    has one."""
    first = opens_on(machine, contract, grace)
    if first is None or first <= today:
        return None
    return None if machine.begun else first


def waiting(
    machines: Iterable[Listed],
    contracts: Mapping[str, Contract],
    *,
    today: date,
    grace: Grace,
) -> dict[str, date]:
    """When the periods open, by machine, for those machines whose period takes no reading yet."""
    return {
        machine.id: first
        for machine in machines
        if (first := waits_until(machine, contracts[machine.contract_id], today=today, grace=grace))
    }
