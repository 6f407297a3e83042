"""Export: released readings as the lines that the ERP bills from, and its answer to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from meterportal.domain.contracts import ReadingChannel
from meterportal.domain.machines import Machine, Meter, MeterKind
from meterportal.domain.readings import Reading, ReadingState, reading_id
from meterportal.domain.refusals import Conflict, Refusal
from meterportal.domain.sheets import Cell

ExportLine = Mapping[str, Any]
"""One reading of a batch with the API's names: what readings.json holds, one object a reading."""

CHANNELS: Mapping[ReadingChannel, str] = {
    ReadingChannel.PORTAL: "CO Portal",
    ReadingChannel.MPS: "MPS",
    ReadingChannel.TECHNICIAN: "Techniker",
    ReadingChannel.PHONE: "Telefon",
    ReadingChannel.EMAIL: "E-Mail",
    ReadingChannel.LETTER: "Brief",
    ReadingChannel.ESTIMATE: "Schätzung",
}
"""The ERP's words, as its own export uses them."""

KINDS: Mapping[MeterKind, str] = {
    MeterKind.BW: "schwarz/weiss",
    MeterKind.COLOUR: "Farbe",
    MeterKind.SCAN: "Scan",
    MeterKind.TOTAL: "Gesamt",
}

COLUMNS: Sequence[str] = (
    "Meldungsnummer",
    "Firmennummer",
    "Vertragsnummer",
    "Maschinennummer",
    "Seriennummer",
    "Zählernummer",
    "Art",
    "Fällig am",
    "Datum",
    "Stand",
    "Meldung durch",
    "Melder",
    "Begründung",
    "Freigegeben am",
    "Freigabegrund",
)


class NotInBatch(Refusal):
    """Facts: `ids`, the reading ids that the batch does not hold."""

    code = "not_in_batch"
    de = "Diese Zählerstände stehen nicht in diesem Export."
    en = "These readings are not part of this export."


class AlreadyBilled(Conflict):
    """Facts: `ids`. What was acknowledged as billed cannot be refused any more."""

    code = "already_billed"
    de = "Diese Zählerstände sind bereits als abgerechnet quittiert."
    en = "These readings have already been acknowledged as billed."


class NotExportedYet(Conflict):
    code = "not_exported_yet"
    de = "Dieser Export ist noch nicht fertig."
    en = "This export is not finished yet."


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The ERP's answer to a batch: `accepted` reading ids (None: all that it does not refuse).

    `refused` maps reading ids to the ERP's reasons.
    """

    accepted: frozenset[str] | None
    refused: Mapping[str, str]

    def of(self, number: str) -> str | None:
        """The reason for refusing a reading, "" when it is accepted, None when nothing was said."""
        if number in self.refused:
            return self.refused[number]
        return "" if self.accepted is None or number in self.accepted else None


def export_lines(machine: Machine, released: Sequence[Reading]) -> list[dict[str, Any]]:
    """The lines of what was released of a machine in one go."""
    return [_export_line(machine, reading) for reading in released]


def _export_line(machine: Machine, reading: Reading) -> dict[str, Any]:
    meter = machine.meter(reading.meter_id)
    return {
        "reading_id": reading_id(machine.id, reading.meter_id, reading.due_on),
        "company_id": machine.company_id,
        "contract_id": machine.contract_id,
        "machine_id": machine.id,
        "serial": machine.serial,
        "meter_id": reading.meter_id,
        "label": meter.label if meter else "",
        "kind": meter.kind.value if meter else None,
        "due_on": reading.due_on.isoformat(),
        "read_on": reading.read_on.isoformat(),
        "value": reading.value,
        "channel": reading.channel.value,
        "reported_by": reading.reported_by,
        "reported_at": _text(reading.reported_at),
        "verdict": reading.verdict.value,
        "reason": reading.reason,
        "released_at": _text(reading.released_at),
        "released_by": reading.released_by,
        "release_reason": reading.release_reason,
    }


def unbilled(machine: Machine | None, lines: Sequence[ExportLine]) -> list[ExportLine]:
    """The lines of a machine as it stands now, without those that an import acknowledged as billed.

    A reading that has left the machine, because its slot is past, is judged by its meter's history.
    """
    if machine is None:
        return list(lines)
    return [line for line in lines if not _is_billed(machine, line)]


def _is_billed(machine: Machine, line: ExportLine) -> bool:
    reading = machine.reading(line["meter_id"], date.fromisoformat(line["due_on"]))
    if reading is not None:
        return reading.state is ReadingState.BILLED
    meter = machine.meter(line["meter_id"])
    shown = (date.fromisoformat(line["read_on"]), line["value"])
    return meter is not None and any(
        entry.billed and (entry.read_on, entry.value) == shown for entry in meter.history
    )


def as_columns(line: ExportLine) -> list[Cell]:
    """A line as a row under `COLUMNS`."""
    return [
        line["reading_id"],
        line["company_id"],
        line["contract_id"],
        line["machine_id"],
        line["serial"],
        line["meter_id"],
        KINDS[MeterKind(line["kind"])] if line["kind"] else "",
        date.fromisoformat(line["due_on"]),
        date.fromisoformat(line["read_on"]),
        line["value"],
        CHANNELS[ReadingChannel(line["channel"])],
        line["reported_by"],
        line["reason"],
        datetime.fromisoformat(line["released_at"]) if line["released_at"] else None,
        line["release_reason"],
    ]


def answers_after(
    lines: Sequence[ExportLine], before: Mapping[str, str], said: Acknowledgement
) -> dict[str, str]:
    """The answers to lines once the ERP has said so: "" for billed, else why it refused.

    What is billed stays billed.
    """
    after = dict(before)
    for line in lines:
        number = line["reading_id"]
        answer = said.of(number)
        if answer is not None and before.get(number) != "":
            after[number] = answer
    return after


def apply_answers(
    machine: Machine, lines: Sequence[ExportLine], answers: Mapping[str, str], *, batch: str
) -> tuple[Machine, tuple[Reading, ...]]:
    """The machine after the ERP's answers to some lines, and the readings that changed.

    `answers` are all of one kind, since each kind is an event of its own. A reading that is gone,
    or billed by an import already, is left alone.
    """
    changed: list[Reading] = []
    for line in lines:
        reason = answers.get(line["reading_id"])
        reading = machine.reading(line["meter_id"], date.fromisoformat(line["due_on"]))
        if reason is None or reading is None or reading.state is not ReadingState.RELEASED:
            continue
        if reason:
            settled = replace(reading, batch=batch, export_refused=reason)
        else:
            settled = replace(reading, state=ReadingState.BILLED, batch=batch, export_refused=None)
        changed.append(settled)
        machine = _settled(machine, settled)
    if changed:
        machine = replace(machine, version=machine.version + 1)
    return machine, tuple(changed)


def _settled(machine: Machine, reading: Reading) -> Machine:
    readings = tuple(
        reading if (r.meter_id, r.due_on) == (reading.meter_id, reading.due_on) else r
        for r in machine.readings
    )
    if reading.state is not ReadingState.BILLED:
        return replace(machine, readings=readings)
    meters = tuple(
        _billed(meter, reading) if meter.id == reading.meter_id else meter
        for meter in machine.meters
    )
    return replace(machine, readings=readings, meters=meters)


def _billed(meter: Meter, reading: Reading) -> Meter:
    history = tuple(
        replace(entry, billed=True)
        if entry.read_on == reading.read_on and entry.value == reading.value
        else entry
        for entry in meter.history
    )
    return replace(meter, history=history)


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds") if at else None
