"""The records of the small customer as they are stored, and rows of them that differ in some cells."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Contact, Contract
from meterportal.domain.portfolio.machines import Machine
from meterportal.store.portfolio import holdings, machines

from tests.support.field_base import ROWS

CONTRACT = ROWS["vertraege"][0]


MACHINE = ROWS["maschinen"][0]


CONTACT = ROWS["ansprechpartner"][0]


COMPANY = ROWS["firmen"][0]


def machine(adapters: Adapters, number: str = "820001") -> Machine:
    found = machines.load(adapters.table, "81000", number)
    assert found is not None
    return found


def contract(adapters: Adapters, number: str = "87001") -> Contract:
    return holdings.contracts(adapters.table, [("81000", number)])[number]


def contact(adapters: Adapters, number: str = "8501") -> Contact:
    return holdings.contacts(adapters.table, [("81000", number)])["81000", number]


def changed(row: list[str], **cells: str) -> list[str]:
    """The row with other cells, by their place: `_2="x"` is the third cell."""
    return [cells.get(f"_{place}", cell) for place, cell in enumerate(row)]


def reading(number: str, value: str, day: str = "20.11.2026", reset: str = "") -> list[str]:
    return [number, "1", day, value, "Techniker", "J", reset, ""]


def last(adapters: Adapters, number: str) -> int:
    (meter,) = machine(adapters, number).meters
    assert meter.last is not None
    return meter.last.value
