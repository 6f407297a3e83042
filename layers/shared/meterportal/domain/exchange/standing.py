"""Where readings stand now whose lines wait or are in a batch: a contract may have moved to another company meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from meterportal.domain.exchange.exports import ExportLine, Place, own_id, place_of
from meterportal.domain.exchange.line_kinds import LineKind
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.reporting.readings import ReadingState

Stood = tuple[Machine, ...]
"""A machine's items at the place of a line and at the companies to which its readings have gone since, one at least."""


def unbilled(found: Mapping[Place, Stood], lines: Sequence[ExportLine]) -> list[ExportLine]:
    """The lines of some machines, without those that an import has acknowledged as billed by now.

    A reading that has left the machine, because its period is past, is judged by its meter's
    history, at each company at which it has been.
    """
    return [
        line
        for line in lines
        if not any(_is_billed(machine, line) for machine in found.get(place_of(line), ()))
    ]


def holder(stood: Stood, lines: Iterable[ExportLine]) -> Machine:
    """Of the items of a machine the one that has the readings of some lines: the newest one with any of them, else that
    of the place of the lines."""
    sought = {line["reading_id"] for line in lines}
    holding = (
        machine
        for machine in reversed(stood)
        if any(own_id(machine, reading) in sought for reading in machine.readings)
    )
    return next(holding, stood[0])


def _is_billed(machine: Machine, line: ExportLine) -> bool:
    reading = machine.reading(line["meter_id"], date.fromisoformat(line["due_on"]))
    if reading is not None and line["reading_id"] != own_id(machine, reading):
        return line.get("entry") == LineKind.REVERSAL and reading.state is ReadingState.BILLED
    if reading is not None:
        return reading.state is ReadingState.BILLED
    meter = machine.meter(line["meter_id"])
    shown = (date.fromisoformat(line["read_on"]), line["value"])
    return meter is not None and any(
        entry.billed and (entry.read_on, entry.value) == shown for entry in meter.history
    )
