"""The table that a contact fills in: a row for each meter of each machine, in walking order.

The rows are meters, not machines: machines have different numbers of meters, so the columns would
differ from machine to machine; and this way each row says which number it asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from meterportal.domain.portfolio.machines import Machine, Meter
from meterportal.domain.reporting.readings import ReadingState
from meterportal.domain.sheets import Cell

HEADINGS = {
    "de": (
        "Maschinennummer",
        "Seriennummer",
        "Ihre Nummer",
        "Modell",
        "Standort",
        "Zählernummer",
        "Zähler",
        "Letzter Stand",
        "Letztes Datum",
        "Bereits gemeldet",
        "Neuer Stand",
        "Ablesedatum",
    ),
    "en": (
        "Machine number",
        "Serial number",
        "Your number",
        "Model",
        "Location",
        "Meter number",
        "Meter",
        "Last value",
        "Last date",
        "Reported already",
        "New reading",
        "Reading date",
    ),
}
WIDTHS = (16, 20, 14, 24, 36, 14, 22, 14, 14, 22, 14, 14)
"""Widths of the columns, in characters."""

_RELEASED = {"de": "freigegeben: {value}", "en": "released: {value}"}


def table(machines: Iterable[Machine], language: str) -> Iterable[Sequence[Cell]]:
    """The headings and a row per billable meter; the last two columns are to be filled in."""
    yield HEADINGS[language]
    for machine in machines:
        for meter in machine.billable_meters:
            yield _row(machine, meter, language)


def _row(machine: Machine, meter: Meter, language: str) -> Sequence[Cell]:
    place, last = machine.location, meter.last
    return (
        machine.id,
        machine.serial,
        machine.customer_no,
        " ".join(part for part in (machine.maker, machine.model) if part),
        ", ".join(part for part in (place.site, place.building, place.floor, place.room) if part),
        meter.id,
        meter.label,
        last.value if last else None,
        last.read_on if last else None,
        _reported(machine, meter, language),
        None,
        None,
    )


def _reported(machine: Machine, meter: Meter, language: str) -> Cell:
    reading = machine.reading(meter.id)
    if reading is None:
        return None
    if reading.state is ReadingState.REPORTED:
        return reading.value
    return _RELEASED[language].format(value=reading.value)
